//! `tandem user`: who is let in by a password that is kept with the mailboxes.
//!
//! Touches storage, standard input, the terminal. Passwords are asked for, or read from standard input: what stands on a command line, everybody
//! sees who can list processes, and a shell remembers.

use super::{
    directory::{ALONE, Absent, Directory},
    ended, say,
};
use crate::{
    password,
    storage::{Owner, Storage},
};
use std::{
    io::{self, BufRead as _, IsTerminal as _, Read as _},
    process::ExitCode,
};

/// What `tandem user --help` begins with.
pub const ABOUT: &str = "\
Let people in, by passwords that are kept with the mailboxes, hashed with argon2id.

A password is asked for twice at the terminal, and not shown; or it is one line of standard input, with --password-stdin or where that is no \
terminal. It is never an argument, which everybody could see who can list processes.

Whoever is removed cannot log in; the mailboxes stay, and `add` gives them to whoever has the name next. `remove --with-mail` removes them, too, for good. \
Somebody without a password, whom `list` says so of, can still be let in by `tandem serve --user`; so can `demo`, whom `tandem serve` lets in by itself \
while nobody has a password.";

/// Arguments of `tandem user`.
#[derive(clap::Args, Debug)]
pub struct UserArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Give somebody an account with a password; who has mail and no password gets one
    #[command(after_help = ALONE)]
    Add(Named),
    /// Change somebody's password, or give them one
    #[command(after_help = ALONE)]
    Passwd(Named),
    /// Let somebody in no more; their mailboxes stay, for `add` to give back
    #[command(after_help = ALONE)]
    Remove {
        #[command(flatten)]
        who: Who,
        /// Remove their mailboxes and messages as well, for good
        #[arg(long)]
        with_mail: bool,
    },
    /// List who has an account, a line each
    #[command(after_help = ALONE)]
    List {
        #[command(flatten)]
        directory: Directory,
    },
}

#[derive(clap::Args, Debug)]
struct Named {
    #[command(flatten)]
    who: Who,
    /// Read the password from standard input, one line, though that is a terminal
    #[arg(long)]
    password_stdin: bool,
}

#[derive(clap::Args, Debug)]
struct Who {
    /// The user's name; upper and lower case differ
    #[arg(value_parser = name)]
    name: String,
    #[command(flatten)]
    directory: Directory,
}

/// A name that somebody can have.
///
/// # Errors
/// Nobody can be called this; says what is allowed.
pub fn name(text: &str) -> Result<String, String> {
    if text.is_empty() || text.contains(|c: char| c.is_control() || c == ':') {
        return Err(
            "expected a name that is not empty and has no `:` and no control characters".into(),
        );
    }
    Ok(text.into())
}

/// Does it.
#[must_use]
pub fn run(args: UserArgs) -> ExitCode {
    ended(match args.action {
        Action::Add(named) => add(named),
        Action::Passwd(named) => passwd(named),
        Action::Remove { who, with_mail } => remove(who, with_mail),
        Action::List { directory } => list(directory),
    })
}

fn add(
    Named {
        who,
        password_stdin,
    }: Named,
) -> Result<(), String> {
    let (_, storage) = who.directory.open(Absent::Made)?;
    let name = who.name;
    let failed = |failure| format!("cannot add `{name}`: {failure}");
    match find(&*storage, &name)? {
        Some(Owner {
            password: Some(_), ..
        }) => Err(format!(
            "user `{name}` is there already: `tandem user passwd` changes the password"
        )),
        Some(Owner { account, .. }) => {
            let hash = hashed(password_stdin)?;
            let set = storage.set_password(account, Some(&hash));
            set.map_err(failed)?;
            say(format_args!(
                "added `{name}`, with the mailboxes that are there under this name"
            ));
            Ok(())
        }
        None => {
            let hash = hashed(password_stdin)?;
            storage.add_owner(&name, Some(&hash)).map_err(failed)?;
            say(format_args!("added `{name}`"));
            Ok(())
        }
    }
}

fn passwd(
    Named {
        who,
        password_stdin,
    }: Named,
) -> Result<(), String> {
    let (_, storage) = who.directory.open(Absent::Refused)?;
    let owner = known(&*storage, &who.name)?;
    let hash = hashed(password_stdin)?;
    let set = storage.set_password(owner.account, Some(&hash));
    set.map_err(|failure| format!("cannot change the password: {failure}"))?;
    say(format_args!("changed the password of `{}`", owner.name));
    Ok(())
}

fn remove(who: Who, with_mail: bool) -> Result<(), String> {
    let (_, storage) = who.directory.open(Absent::Refused)?;
    let Owner {
        account,
        name,
        password,
    } = known(&*storage, &who.name)?;
    let failed = |failure| format!("cannot remove `{name}`: {failure}");
    if with_mail {
        storage.remove_owner(account).map_err(failed)?;
        say(format_args!(
            "removed `{name}`, with all mailboxes and messages"
        ));
    } else if password.is_none() {
        return Err(format!(
            "`{name}` has no password that is kept: --with-mail removes the mailboxes"
        ));
    } else {
        storage.set_password(account, None).map_err(failed)?;
        say(format_args!(
            "removed `{name}`; the mailboxes stay: `tandem user add` gives them back, --with-mail removes them"
        ));
    }
    Ok(())
}

fn list(directory: Directory) -> Result<(), String> {
    let (_, storage) = directory.open(Absent::Refused)?;
    let owners = storage.owners();
    let owners = owners.map_err(|failure| format!("cannot list users: {failure}"))?;
    for Owner { name, password, .. } in owners {
        let remark = if password.is_some() {
            ""
        } else {
            " (no password is kept)"
        };
        say(format_args!("{name}{remark}"));
    }
    Ok(())
}

fn find(storage: &dyn Storage, name: &str) -> Result<Option<Owner>, String> {
    let found = storage.owner(name);
    found.map_err(|failure| format!("cannot look for `{name}`: {failure}"))
}

/// Somebody who has an account.
///
/// # Errors
/// They have none, or it cannot be read.
pub fn known(storage: &dyn Storage, name: &str) -> Result<Owner, String> {
    find(storage, name)?
        .ok_or_else(|| format!("no user `{name}`: `tandem user list` lists who there is"))
}

/// More than any name or password has.
const LINE: u64 = 4096;

/// The hash of a password that is asked for.
fn hashed(from_stdin: bool) -> Result<String, String> {
    let password = if from_stdin || !io::stdin().is_terminal() {
        let mut line = String::new();
        let read = io::stdin().lock().take(LINE).read_line(&mut line);
        read.map_err(|error| format!("cannot read the password: {error}"))?;
        let line = line.strip_suffix('\n').unwrap_or(&line);
        line.strip_suffix('\r').unwrap_or(line).to_owned()
    } else {
        let asked = |prompt| {
            let answer = rpassword::prompt_password(prompt);
            answer.map_err(|error| format!("cannot ask for the password: {error}"))
        };
        let (first, second) = (asked("Password: ")?, asked("Again: ")?);
        if first != second {
            return Err("the passwords differ: nothing was changed".into());
        }
        first
    };
    if let Some(fault) = fault(&password) {
        return Err(fault);
    }
    password::hash(password.as_bytes())
        .map_err(|error| format!("cannot hash the password: {error}"))
}

/// Why nobody can have this password, if so.
fn fault(password: &str) -> Option<String> {
    if password.is_empty() {
        Some("no password: expected one that is not empty".into())
    } else if password.len() > password::MOST {
        Some(format!(
            "the password is too long: expected at most {} octets",
            password::MOST
        ))
    } else if password.contains(char::is_control) {
        Some("the password has a control character: expected none".into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_colon_and_no_control_characters() {
        for good in ["alice", "Alice Smith", "a@b", "ü", "a,b"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for wrong in ["", "a:b", "a\n", "\u{7f}"] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_password_is_neither_empty_nor_endless() {
        assert_eq!(fault("a:b c"), None);
        assert_eq!(fault(&"x".repeat(password::MOST)), None);
        assert!(fault(&"x".repeat(password::MOST + 1)).is_some());
        assert!(fault("").is_some() && fault("a\tb").is_some());
    }
}
