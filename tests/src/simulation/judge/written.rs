//! What was written to a client, compared with what is due: response by response, and no sooner than it was durable.
//!
//! Touches nothing but its judge.

use super::Judge;
use crate::{
    simulation::{
        client::{
            Sitting,
            login::{TOO_LATE, TOO_MANY, UNAVAILABLE},
        },
        pipe::{End, Written},
    },
    wire::{shown, whole},
};

/// What those are told whose account has failed.
const FAILED: &[u8] = b"* BYE the account failed: what was not answered may not have been done\r\n";

/// What those are told who say nothing for too long.
const SILENT: &[u8] = b"* BYE nothing was heard for too long\r\n";

/// What those are told who have not logged in when the server ends.
const CLOSING: &str = "* BYE the server is closing\r\n";

impl Judge {
    /// Looks at what a client was told before it was logged in, or instead; how many octets that is.
    fn before_login(
        &self,
        number: usize,
        sitting: &Sitting,
        octets: &[u8],
        has_left: bool,
    ) -> Result<usize, String> {
        let mut at = 0;
        for begins in sitting.before.borrow().iter() {
            let rest = octets.get(at..).unwrap_or_default();
            let Some(length) = whole(rest) else {
                let fits = has_left
                    && (rest.starts_with(begins.as_bytes())
                        || begins.as_bytes().starts_with(rest)
                        || self.is_bad);
                return fits.then_some(octets.len()).ok_or_else(|| {
                    format!(
                        "client {number} is written `{}` in place of `{begins}`",
                        shown(rest)
                    )
                });
            };
            let response = rest.get(..length).unwrap_or_default();
            let begin = |with: &str| response.starts_with(with.as_bytes());
            let fits = begin(begins) || (self.is_bad && begin(UNAVAILABLE));
            if !fits {
                return Err(format!(
                    "client {number} is written `{}` in place of `{begins}`",
                    shown(response)
                ));
            }
            at += length;
        }
        Ok(at)
    }

    /// Compares what was written to a client with what is due; how many octets were right.
    pub(super) fn written(&mut self, number: usize, sitting: &Sitting) -> Result<u64, String> {
        let near = &sitting.near;
        let has_left = near.end() != End::Open || near.is_cut() || sitting.is_too_silent();
        let Written { octets, pieces } = sitting.near.written();
        let mut at = self.before_login(number, sitting, &octets, has_left)?;
        if !self.came.contains_key(&number) && has_left {
            // Who went before it had logged in may be told why that is over.
            let rest = octets.get(at..).unwrap_or_default();
            let fits = |said: &str| said.as_bytes().starts_with(rest);
            return if [TOO_MANY, TOO_LATE, CLOSING].into_iter().any(fits) {
                Ok(u64::try_from(octets.len()).unwrap_or_default())
            } else {
                Err(format!(
                    "client {number}, who never logged in, is written `{}`",
                    shown(rest)
                ))
            };
        }
        let is_cut_short = at < octets.len() && !self.heard.contains(&number);
        self.unheard += u64::from(is_cut_short);
        let due = self.due.remove(&number).unwrap_or_default();
        let mut due = due.into_iter();
        let came = self.came.get(&number);
        let is_told = came.is_some_and(|opening| self.failed.contains(opening));
        let (mut ended, mut corrupt) = (false, false);
        while at < octets.len() {
            let rest = octets.get(at..).unwrap_or_default();
            let length = whole(rest);
            let response = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            let ends = |with: &[u8]| rest == with || (has_left && with.starts_with(rest));
            if (is_told && ends(FAILED)) || (sitting.is_too_silent() && ends(SILENT)) {
                ended = true;
                break;
            }
            let fits = |expected: &[u8]| {
                if length.is_some() {
                    response == expected
                } else {
                    has_left && expected.starts_with(response)
                }
            };
            let mut expected = due.next().unwrap_or_default();
            while self.is_bad && expected.shows && !fits(&expected.octets) {
                self.missed += 1;
                corrupt = true;
                expected = due.next().unwrap_or_default();
            }
            if let Some(otherwise) = expected.otherwise.take_if(|_| std::mem::take(&mut corrupt)) {
                expected.octets = otherwise;
            }
            if !fits(&expected.octets) {
                return Err(format!(
                    "client {number} should be written `{}`, and is `{}`",
                    shown(&expected.octets),
                    shown(response)
                ));
            }
            let piece = pieces.partition_point(|&(end, _)| end <= at);
            let durable = pieces.get(piece).map_or(0, |&(_, durable)| durable);
            if durable < expected.position {
                return Err(format!(
                    "client {number} is written `{}` of position {}, and the journal is durable to {durable}",
                    shown(response),
                    expected.position
                ));
            }
            self.survival.shown(expected.opening, expected.position);
            at += response.len();
        }
        match due.next() {
            Some(missing) if !has_left && !ended => Err(format!(
                "client {number} is not written `{}`",
                shown(&missing.octets)
            )),
            _ => Ok(u64::try_from(octets.len()).unwrap_or_default()),
        }
    }
}
