//! What a server has, asked for through a new connection.
//!
//! Touches that connection. EXAMINE changes nothing, not even \Recent.

use super::{command::Flags, text::Text};
use crate::wire::{Response, Wire};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
};

/// Everything of one user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub mailboxes: BTreeMap<String, Contents>,
    pub subscribed: BTreeSet<String>,
}

/// A mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    pub uid_validity: u32,
    pub uid_next: u32,
    /// By UID.
    pub messages: BTreeMap<u32, (Text, Flags)>,
}

impl Found {
    /// Asks for everything.
    ///
    /// # Errors
    /// A message is none that anybody appended, or the server does not answer.
    pub fn of(address: SocketAddr, user: &str) -> Result<Self, String> {
        let mut wire = Wire::try_login(address, user).ok_or("LOGIN is refused")?;
        let mut found = Self::default();
        let lists = [wire.command("LIST \"\" *"), wire.command("LSUB \"\" *")];
        for response in lists
            .into_iter()
            .flat_map(|answer| answer.map_or_else(Vec::new, |answer| answer.untagged))
        {
            match response {
                Response::List {
                    subscribed: true,
                    name,
                    ..
                } => {
                    found.subscribed.insert(name);
                }
                Response::List {
                    name,
                    no_select: false,
                    ..
                } => {
                    let contents = Contents::of(&mut wire, &name)
                        .map_err(|error| format!("`{name}`: {error}"))?;
                    found.mailboxes.insert(name, contents);
                }
                _ => {}
            }
        }
        Ok(found)
    }
}

impl Contents {
    fn of(wire: &mut Wire, name: &str) -> Result<Self, String> {
        let mut contents = Self::default();
        let mut exists = 0;
        let examined = wire
            .command(format!("EXAMINE {name}"))
            .ok_or("EXAMINE is not answered")?;
        for response in examined.untagged {
            contents.uid_validity = response
                .code("UIDVALIDITY")
                .unwrap_or(contents.uid_validity);
            contents.uid_next = response.code("UIDNEXT").unwrap_or(contents.uid_next);
            if let Response::Exists(count) = response {
                exists = count;
            }
        }
        let fetched = wire.command("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])");
        for response in fetched.ok_or("FETCH is not answered")?.untagged {
            let Response::Fetch(fetch) = response else {
                continue;
            };
            let uid = fetch.uid.ok_or("no UID")?;
            let text = Text::read(&fetch.body.ok_or("no body")?)
                .map_err(|error| format!("UID {uid}: {error}"))?;
            if fetch.date != Some(text.date()) {
                return Err(format!("UID {uid}, {text}, has the date {:?}", fetch.date));
            }
            contents
                .messages
                .insert(uid, (text, fetch.flags.ok_or("no flags")?));
        }
        if contents.messages.len() != exists {
            return Err(format!(
                "EXISTS {exists}, but {} messages",
                contents.messages.len()
            ));
        }
        match contents.messages.keys().next_back() {
            Some(&last) if last >= contents.uid_next => {
                Err(format!("UIDNEXT {}, but UID {last}", contents.uid_next))
            }
            _ => Ok(contents),
        }
    }
}
