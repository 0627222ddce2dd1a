//! How much of what has a limit is in a command, as imap-codec has read it.
//!
//! Touches nothing. The limits themselves are the parser's; what is counted is not.

use super::Case;
use imap_codec::imap_types::{
    command::{Command, CommandBody},
    core::{IString, NString, Vec1},
    fetch::{MacroOrMessageDataItemNames, MessageDataItemName, Section},
    flag::Flag,
    mailbox::{ListMailbox, Mailbox},
    search::SearchKey,
    sequence::SequenceSet,
};
use tandem_server::codec::{
    parse::{Expected, limits},
    utf7,
};

/// Whether the parser refuses a command for a limit that it has, and more is there.
pub(super) fn is_beyond(case: &Case) -> bool {
    let (Err(error), Some(command)) = (&case.ours, &case.said) else {
        return false;
    };
    let Expected::AtMost(most, what) = error.expected else {
        return false;
    };
    let count = Count::of(command);
    let (limit, found) = match what {
        "ranges in a set of numbers" => (limits::RANGES, count.ranges),
        "flags" => (limits::FLAGS, count.flags),
        "octets in a keyword" => (limits::KEYWORD, count.keyword),
        "octets in a mailbox name" => (limits::MAILBOX, count.mailbox),
        "attributes" | "attributes, UID included" => (limits::ATTRIBUTES, count.attributes),
        "header field names" => (limits::FIELDS, count.fields),
        "part numbers" => (limits::PARTS, count.parts),
        "search keys" => (limits::KEYS, count.keys),
        "fields" => (limits::ID_FIELDS, count.id_fields),
        "octets in the name of a field" => (limits::ID_NAME, count.id_name),
        "octets in the value of a field" => (limits::ID_VALUE, count.id_value),
        "capabilities" => (limits::CAPABILITIES, count.capabilities),
        "items" => (limits::STATUS_ITEMS, count.items),
        // How deep keys nest: imap-codec accepts no more than the parser.
        _ => return false,
    };
    most == limit && found > limit
}

/// The most that there is of each.
#[derive(Debug, Default)]
struct Count {
    ranges: usize,
    flags: usize,
    keyword: usize,
    mailbox: usize,
    attributes: usize,
    fields: usize,
    parts: usize,
    keys: usize,
    id_fields: usize,
    id_name: usize,
    id_value: usize,
    capabilities: usize,
    items: usize,
}

impl Count {
    fn of(command: &Command<'_>) -> Self {
        let mut count = Self::default();
        count.body(&command.body);
        count
    }

    fn body(&mut self, body: &CommandBody<'_>) {
        use CommandBody as Body;
        match body {
            Body::Select { mailbox }
            | Body::Examine { mailbox }
            | Body::Create { mailbox }
            | Body::Delete { mailbox }
            | Body::Subscribe { mailbox }
            | Body::Unsubscribe { mailbox } => self.name(mailbox),
            Body::Rename { from, to } => {
                self.name(from);
                self.name(to);
            }
            Body::List {
                reference,
                mailbox_wildcard,
            }
            | Body::Lsub {
                reference,
                mailbox_wildcard,
            } => {
                self.name(reference);
                self.octets(match mailbox_wildcard {
                    ListMailbox::Token(token) => token.as_ref(),
                    ListMailbox::String(string) => string.as_ref(),
                });
            }
            Body::Status {
                mailbox,
                item_names,
            } => {
                self.name(mailbox);
                self.items = item_names.len();
            }
            Body::Append { mailbox, flags, .. } => {
                self.name(mailbox);
                self.names(flags);
            }
            Body::Id {
                parameters: Some(fields),
            } => self.fields_of_id(fields),
            Body::Enable { capabilities } => self.capabilities = capabilities.as_ref().len(),
            other => self.of_messages(other),
        }
    }

    /// Of commands about messages.
    fn of_messages(&mut self, body: &CommandBody<'_>) {
        use CommandBody as Body;
        match body {
            Body::ExpungeUid { sequence_set } => self.set(sequence_set),
            Body::Copy {
                sequence_set,
                mailbox,
                ..
            }
            | Body::Move {
                sequence_set,
                mailbox,
                ..
            } => {
                self.set(sequence_set);
                self.name(mailbox);
            }
            Body::Store {
                sequence_set,
                flags,
                ..
            } => {
                self.set(sequence_set);
                self.names(flags);
            }
            Body::Fetch {
                sequence_set,
                macro_or_item_names,
                uid,
            } => {
                self.set(sequence_set);
                if let MacroOrMessageDataItemNames::MessageDataItemNames(items) =
                    macro_or_item_names
                {
                    let is_added = *uid && !items.contains(&MessageDataItemName::Uid);
                    self.attributes = items.len() + usize::from(is_added);
                    items.iter().for_each(|item| self.item(item));
                }
            }
            Body::Search { criteria, .. } => {
                criteria.as_ref().iter().for_each(|key| self.key(key));
            }
            _ => {}
        }
    }

    fn fields_of_id(&mut self, fields: &[(IString<'_>, NString<'_>)]) {
        self.id_fields = fields.len();
        for (name, value) in fields {
            let value = value.0.as_ref().map_or(0, |value| value.as_ref().len());
            self.id_name = self.id_name.max(name.as_ref().len());
            self.id_value = self.id_value.max(value);
        }
    }

    fn set(&mut self, set: &SequenceSet) {
        self.ranges = self.ranges.max(set.0.as_ref().len());
    }

    fn name(&mut self, mailbox: &Mailbox<'_>) {
        if let Mailbox::Other(other) = mailbox {
            self.octets(other.as_ref());
        }
    }

    /// Of a name or a pattern: decoded.
    fn octets(&mut self, name: &[u8]) {
        let decoded = std::str::from_utf8(name)
            .ok()
            .filter(|name| name.is_ascii());
        let decoded = decoded.and_then(utf7::decode);
        let octets = decoded.map_or(name.len(), |name| name.len());
        self.mailbox = self.mailbox.max(octets);
    }

    fn names(&mut self, flags: &[Flag<'_>]) {
        self.flags = flags.len();
        for flag in flags {
            if let Flag::Keyword(keyword) = flag {
                self.keyword = self.keyword.max(keyword.as_ref().len());
            }
        }
    }

    fn item(&mut self, item: &MessageDataItemName<'_>) {
        let MessageDataItemName::BodyExt {
            section: Some(section),
            ..
        } = item
        else {
            return;
        };
        let (part, fields) = match section {
            Section::Part(part) | Section::Mime(part) => (Some(part), 0),
            Section::Header(part) | Section::Text(part) => (part.as_ref(), 0),
            Section::HeaderFields(part, names) | Section::HeaderFieldsNot(part, names) => {
                (part.as_ref(), names.as_ref().len())
            }
        };
        let parts = part.map_or(0, |part| Vec1::as_ref(&part.0).len());
        self.parts = self.parts.max(parts);
        self.fields = self.fields.max(fields);
    }

    fn key(&mut self, key: &SearchKey<'_>) {
        self.keys += 1;
        match key {
            SearchKey::And(keys) => keys.as_ref().iter().for_each(|key| self.key(key)),
            SearchKey::Not(key) => self.key(key),
            SearchKey::Or(left, right) => {
                self.key(left);
                self.key(right);
            }
            SearchKey::SequenceSet(set) | SearchKey::Uid(set) => self.set(set),
            SearchKey::Keyword(word) | SearchKey::Unkeyword(word) => {
                self.keyword = self.keyword.max(word.as_ref().len());
            }
            _ => {}
        }
    }
}
