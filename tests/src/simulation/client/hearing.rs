//! How a client takes what it hears.
//!
//! Touches its end of a connection. It learns of its mailbox what it needs to say something that makes sense.

use super::{Gone, PATIENCE, Person};
use crate::{
    simulation::pipe::End,
    wire::{shown, whole},
};
use std::time::Duration;
use tandem_model::Command;
use tokio::time::timeout;

impl Person {
    /// Until everything is answered.
    pub(super) async fn finish(&mut self) -> Result<(), Gone> {
        self.until(|person| person.asked.is_empty()).await
    }

    pub(super) async fn until(&mut self, holds: impl Fn(&Self) -> bool) -> Result<(), Gone> {
        while !holds(self) {
            let response = self.hear(PATIENCE).await?;
            self.take(&response)?;
        }
        Ok(())
    }

    /// Until the connection is closed.
    pub(super) async fn closed(&mut self) -> Result<(), Gone> {
        loop {
            let response = self.hear(PATIENCE).await?;
            self.take(&response)?;
        }
    }

    /// The next response, taken in.
    pub(super) async fn response(&mut self) -> Result<(), Gone> {
        let response = self.next_response().await?;
        self.take(&response)
    }

    /// The next response, which has to come by then.
    pub(super) async fn hear(&mut self, within: Duration) -> Result<Vec<u8>, Gone> {
        match timeout(within, self.next_response()).await {
            Ok(heard) => heard,
            Err(_) => {
                self.wrong(format!("nothing comes, and {:?} are asked", self.asked));
                self.sitting.near.leave(End::Broken);
                Err(Gone::Ended)
            }
        }
    }

    /// Safe to drop.
    async fn next_response(&mut self) -> Result<Vec<u8>, Gone> {
        loop {
            if let Some(length) = whole(&self.rest) {
                return Ok(self.rest.drain(..length).collect());
            }
            match self.sitting.near.receive().await {
                Some(octets) => self.rest.extend_from_slice(&octets),
                None if self.sitting.near.is_cut() => return Err(Gone::Cut),
                // Whoever takes nothing cannot be told why.
                None if self.sitting.is_too_silent() => return Err(Gone::Ended),
                None => {
                    if !self.told_bye || !self.rest.is_empty() {
                        self.wrong(format!("closed after `{}`", shown(&self.rest)));
                    }
                    return Err(Gone::Ended);
                }
            }
        }
    }

    fn take(&mut self, response: &[u8]) -> Result<(), Gone> {
        let line = String::from_utf8_lossy(response);
        let words: Vec<&str> = line.split_ascii_whitespace().take(6).collect();
        match *words {
            ["+", ..] => self.continues = true,
            ["*", "BYE", ..] => self.told_bye = true,
            ["*", "OK", "[CLOSED]", ..] => self.count = 0,
            ["*", count, "EXISTS"] => self.count = count.parse().unwrap_or_default(),
            ["*", _, "EXPUNGE"] => self.count = self.count.saturating_sub(1),
            ["*", _, "FETCH", "(UID", uid, ..] => {
                self.last_uid = self.last_uid.max(uid.parse().unwrap_or_default());
            }
            ["*", ..] => {}
            [tag, condition, ..] => self.answered(tag, condition),
            _ => self.wrong(format!("no response: `{line}`")),
        }
        Ok(())
    }

    fn answered(&mut self, tag: &str, condition: &str) {
        let (asked, command) = self
            .asked
            .pop_front()
            .unwrap_or_else(|| (String::new(), Command::Noop));
        if asked != tag {
            self.wrong(format!("`{tag}` is answered, not `{asked}`"));
        }
        self.continues = false;
        match (command, condition) {
            (Command::Select { .. }, "OK") => self.selected = true,
            (Command::Select { .. }, "NO") | (Command::Close | Command::Unselect, "OK") => {
                self.selected = false;
                self.count = 0;
            }
            _ => {}
        }
    }
}
