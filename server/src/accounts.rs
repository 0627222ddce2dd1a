//! Who has which account, and who is to be woken when it changes.
//!
//! Touches the accounts, each behind one mutex that is never held across an await, and the contents of their
//! messages. Nobody else touches either. RFC 5530 names what a login can fail of.
//!
//! Theory of operation: [`Seat::step`] is the only way in. Under the account's lock it lets the session step, takes what that did to
//! the account ([`tandem_model::Batch`]), counts contents, wakes the sessions of the mailboxes concerned, and pins
//! the contents that the responses need, so that nobody can expunge them before they are rendered. All of it is proportional to the changes
//! and the responses. Sessions wait for their own mailbox only; those that are not in IDLE only for losing it.
//!
//! A panic inside of a step leaves the account in a state that nobody vouches for. It is not used again: sessions get BYE,
//! logins NO. The other accounts go on.

mod seat;
mod shared;

pub use seat::{Page, Seat};

use crate::{
    config::Config,
    content::Contents,
    sample::{self, Sample},
};
use shared::SharedAccount;
use std::{collections::HashMap, hint::black_box, sync::Arc};
use tandem_model::name::MailboxName;

/// All users with their accounts, and the contents of all messages.
#[derive(Debug)]
pub struct Accounts {
    config: Config,
    contents: Contents,
    by_user: HashMap<String, Arc<SharedAccount>>,
}

impl Accounts {
    /// An account for each user; with the sample messages in INBOX, if [`Config::demo`].
    #[must_use]
    pub fn new(config: Config) -> Arc<Self> {
        let by_user = config
            .users
            .iter()
            .map(|user| (user.name.clone(), Arc::new(SharedAccount::new(&config))))
            .collect();
        let accounts = Arc::new(Self {
            contents: Contents::new(),
            by_user,
            config,
        });
        if accounts.config.demo {
            for account in accounts.by_user.values() {
                accounts.fill(account);
            }
        }
        accounts
    }

    /// Puts the sample messages into INBOX as a client would, so that there is one way only to change an account. A new account
    /// takes them: it has neither failed nor reached a limit.
    fn fill(self: &Arc<Self>, account: &Arc<SharedAccount>) {
        let Some(mut seat) = Seat::take(self, account) else {
            return;
        };
        for Sample { bytes, flags, date } in sample::messages() {
            let _ = seat.append(MailboxName::inbox(), flags.into(), Some(date), bytes);
        }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// A new session of this user.
    ///
    /// # Errors
    /// Why there is none.
    pub fn login(self: &Arc<Self>, name: &str, password: &[u8]) -> Result<Seat, Refusal> {
        let user = self.config.users.iter().find(|user| user.name == name);
        // Somebody unknown takes as long as a wrong password.
        let known = user.map_or("unknown", |user| user.password.as_str());
        let matches = same(password, known.as_bytes());
        let account = self
            .by_user
            .get(name)
            .filter(|_| matches && user.is_some())
            .ok_or(Refusal::Credentials)?;
        if account.locked().is_err() {
            return Err(Refusal::Lost);
        }
        Seat::take(self, account).ok_or(Refusal::TooMany)
    }
}

/// Why somebody cannot log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such user, or another password.
    Credentials,
    /// The user has as many connections as is allowed.
    TooMany,
    /// The account failed, see [`Lost`].
    Lost,
}

/// The account failed in the middle of a step, and is not used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// Whether both are the same; the time it takes depends on the length of what was given only.
fn same(given: &[u8], known: &[u8]) -> bool {
    let mut difference = u8::from(given.len() != known.len());
    for (at, byte) in given.iter().enumerate() {
        difference |= black_box(byte ^ known.get(at).copied().unwrap_or_default());
    }
    black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{
        Command, Input, Response, command::Form, flags::Flags, sequence_set::SequenceSet,
    };

    fn accounts(change: impl FnOnce(&mut Config)) -> Arc<Accounts> {
        let mut config = Config::default();
        change(&mut config);
        Accounts::new(config)
    }

    #[test]
    fn only_the_right_password_opens_an_account() {
        let accounts = accounts(|_| {});
        for (name, password) in [
            ("demo", "Demo"),
            ("demo", ""),
            ("demo", "demodemo"),
            ("nobody", "unknown"),
            ("", ""),
        ] {
            assert_eq!(
                accounts.login(name, password.as_bytes()).err(),
                Some(Refusal::Credentials),
                "{name} {password}"
            );
        }
        assert!(accounts.login("demo", b"demo").is_ok());
    }

    /// A session that has done these commands.
    fn seat(accounts: &Arc<Accounts>, commands: impl IntoIterator<Item = Command>) -> Seat {
        let mut seat = accounts.login("demo", b"demo").ok().unwrap();
        for command in commands {
            seat.command(command, false).unwrap();
        }
        seat
    }

    fn select() -> Command {
        Command::Select {
            mailbox: MailboxName::inbox(),
            read_only: false,
        }
    }

    fn append(seat: &mut Seat, mailbox: &str) {
        let (mailbox, flags) = (MailboxName::new(mailbox), Flags::DELETED.into());
        seat.append(mailbox, flags, None, b"x".to_vec()).unwrap();
    }

    #[test]
    fn a_message_that_was_not_taken_is_not_kept() {
        let accounts = accounts(|config| config.demo = false);
        append(&mut seat(&accounts, []), "nowhere");
        assert!(accounts.contents.is_empty());
    }

    #[test]
    fn content_is_kept_while_a_mailbox_or_a_session_has_its_message() {
        let accounts = accounts(|config| config.demo = false);
        let inbox = || MailboxName::inbox();
        let copies = |form| Command::Copy {
            set: SequenceSet::all(),
            form,
            mailbox: inbox(),
        };
        let mut first = seat(&accounts, []);
        append(&mut first, "INBOX");
        let mut first = seat(&accounts, [select(), copies(Form::Sequence)]);
        let second = seat(&accounts, [select()]);
        assert_eq!(accounts.contents.len(), 1);
        first
            .command(Command::Expunge { uids: None }, false)
            .unwrap();
        assert_eq!(accounts.contents.len(), 1, "the second has not been told");
        drop(second);
        assert!(accounts.contents.is_empty());
    }

    #[test]
    fn contents_are_pinned_where_they_are_asked_for() {
        let accounts = accounts(|_| {});
        let mut seat = seat(&accounts, [select()]);
        let fetch = || Command::Fetch {
            set: SequenceSet::one(1),
            form: Form::Sequence,
            marks_seen: false,
        };
        assert!(seat.command(fetch(), false).unwrap().contents.is_empty());
        assert_eq!(seat.command(fetch(), true).unwrap().contents.len(), 1);
    }

    #[test]
    fn nobody_rings_where_nobody_is() {
        let accounts = accounts(|_| {});
        let account = Arc::clone(&accounts.by_user["demo"]);
        let bells = || account.locked().ok().unwrap().bells();
        let (first, mut second) = (seat(&accounts, [select()]), seat(&accounts, [select()]));
        assert_eq!(bells(), 1);
        drop(first);
        assert_eq!(bells(), 1);
        second.command(Command::Unselect, false).unwrap();
        assert_eq!(bells(), 0);
    }

    #[tokio::test]
    async fn a_session_wakes_when_idle_by_others_and_else_by_eviction_only() {
        let accounts = accounts(|config| {
            config.limits.ghosts = 1;
            config.demo = false;
        });
        let mut other = seat(&accounts, [select()]);
        let mut idle = seat(&accounts, [select(), Command::Idle]);
        let mut ready = seat(&accounts, [select()]);
        let is_woken = async |seat: &mut Seat| {
            tokio::select! {
                biased;
                () = seat.woken() => true,
                () = std::future::ready(()) => false,
            }
        };
        assert!(!is_woken(&mut idle).await);
        append(&mut other, "INBOX");
        assert!(is_woken(&mut idle).await && !is_woken(&mut ready).await);
        assert!(!idle.step(Input::Wake, false).unwrap().responses.is_empty());
        assert!(!is_woken(&mut idle).await);
        append(&mut other, "INBOX");
        ready.command(Command::Noop, false).unwrap();
        other
            .command(Command::Expunge { uids: None }, false)
            .unwrap();
        assert!(is_woken(&mut ready).await);
        let page = ready.step(Input::Wake, false).unwrap();
        assert!(matches!(page.responses[..], [Response::Bye(_)]));
    }

    #[test]
    fn a_user_has_so_many_connections_and_no_more() {
        let accounts = accounts(|config| config.limits.connections_per_user = 2);
        let first = accounts.login("demo", b"demo");
        let second = accounts.login("demo", b"demo");
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(
            accounts.login("demo", b"demo").err(),
            Some(Refusal::TooMany)
        );
        drop(first);
        assert!(accounts.login("demo", b"demo").is_ok());
    }

    #[test]
    fn an_account_that_failed_is_not_used_again() {
        let accounts = accounts(|_| {});
        let mut seat = accounts.login("demo", b"demo").ok().unwrap();
        let account = Arc::clone(&accounts.by_user["demo"]);
        let failed = std::thread::spawn(move || {
            let _state = account.locked();
            panic!("inside of a step");
        });
        assert!(failed.join().is_err());
        assert_eq!(seat.step(Input::Wake, false).err(), Some(Lost));
        assert_eq!(accounts.login("demo", b"demo").err(), Some(Refusal::Lost));
    }
}
