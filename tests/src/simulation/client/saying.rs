//! What a client says.
//!
//! Touches nothing. It is made of what the client knows of its mailbox, so that it makes sense now and then.

use super::Person;
use crate::{
    cover::script::{Deed as Said, say},
    random::{
        act::{Act, Deed, Known},
        bytes,
    },
};
use tandem_model::{
    Command,
    command::Form,
    number::{ContentId, Uid},
    sequence_set::Bound,
};
use tandem_server::codec::{
    print::print,
    request::{Request, Tag, Tagged},
};

impl Person {
    /// What it would say next.
    pub(super) fn next(&self) -> (Vec<u8>, Tagged, Command) {
        let fate = self.fate();
        let known = Known {
            count: self.selected.then_some(self.count),
            last_uid: Uid(self.last_uid),
            content: ContentId(0),
        };
        let command = loop {
            let octets: [usize; 5] = std::array::from_fn(|_| fate.below(256));
            let octets = octets.map(|octet| u8::try_from(octet).unwrap_or_default());
            let Act {
                deed: Deed::Say(saying),
                ..
            } = bytes::of(&octets, 2)
            else {
                continue;
            };
            let command = saying.command(known);
            if command == Command::Idle
                || (command == Command::Logout && !fate.once_in(4))
                || !self.stage.may_copy(&command)
            {
                continue;
            }
            break self.without_star(command);
        };
        let message = self.stage.message();
        let (octets, tagged) = self.tagged(&command, message);
        (octets, tagged, command)
    }

    pub(super) fn tagged(&self, command: &Command, message: u32) -> (Vec<u8>, Tagged) {
        let Said::Say(request) = say(command, message) else {
            panic!("a command is said");
        };
        let mut request = *request;
        if let Request::Append {
            message: octets, ..
        } = &mut request
        {
            // By its size it is known again.
            let size = 200 + message as usize + self.stage.extra_octets();
            let more =
                (octets.len()..size).map(|at| b"0123456789abcdefghijklm"[(at + at / 23) % 23]);
            octets.extend(more.collect::<Vec<u8>>());
        }
        let tagged = Tagged {
            tag: Tag(format!("t{}x{}", self.sitting.number, self.commands).into()),
            request,
        };
        (print(&tagged), tagged)
    }

    /// `*` of a STORE is what it stands for now.
    fn without_star(&self, mut command: Command) -> Command {
        if let Command::Store { set, form, .. } = &mut command {
            let last = match form {
                Form::Sequence => self.count,
                Form::Uid => self.last_uid,
            };
            for (from, to) in &mut set.ranges {
                for bound in [from, to] {
                    if *bound == Bound::Star {
                        *bound = Bound::Number(last.max(1));
                    }
                }
            }
        }
        command
    }
}
