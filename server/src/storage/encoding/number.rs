//! Numbers and texts as octets.
//!
//! Touches nothing. A number is seven bits an octet, least significant first, the eighth set where another follows; a signed one has its sign in the lowest bit;
//! a text has its length before it.

use super::Fault;
use tandem_model::{flags::Keyword, name::MailboxName};

/// The most octets of a number: 64 bits, seven in each.
const LONGEST: usize = 10;

/// Writes a number.
pub(super) fn put<N: TryInto<u64>>(out: &mut Vec<u8>, number: N) {
    // INVARIANT: no number that is kept has more than 64 bits or a sign; `usize` has no more on any system that there is.
    let mut number: u64 = number.try_into().unwrap_or(u64::MAX);
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// Writes a text.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// The number before, from which the next one is kept as its difference: modulo 2^64, so that any number can follow any.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Running(u64);

impl Running {
    /// Writes the next one.
    pub(super) fn put(&mut self, out: &mut Vec<u8>, number: u64) {
        let step = number.wrapping_sub(self.0).cast_signed();
        self.0 = number;
        put(out, ((step << 1) ^ (step >> 63)).cast_unsigned());
    }

    /// Reads the next one.
    pub(super) fn read(&mut self, octets: &mut Octets<'_>) -> Result<u64, Fault> {
        let step: u64 = octets.number()?;
        let step = (step >> 1) ^ (step & 1).wrapping_neg();
        self.0 = self.0.wrapping_add(step);
        Ok(self.0)
    }

    /// Reads the next one, which is smaller than 2^32.
    pub(super) fn read_short(&mut self, octets: &mut Octets<'_>) -> Result<u32, Fault> {
        u32::try_from(self.read(octets)?).map_err(|_| Fault::Number)
    }
}

/// Octets that are being read.
#[derive(Debug)]
pub(super) struct Octets<'a> {
    rest: &'a [u8],
}

impl<'a> Octets<'a> {
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    /// One octet.
    pub(super) fn octet(&mut self) -> Result<u8, Fault> {
        let (&octet, rest) = self.rest.split_first().ok_or(Fault::Short)?;
        self.rest = rest;
        Ok(octet)
    }

    /// A number that fits where it is wanted.
    pub(super) fn number<N: TryFrom<u64>>(&mut self) -> Result<N, Fault> {
        let mut number = 0_u64;
        for at in 0..LONGEST {
            let octet = self.octet()?;
            let bits = u64::from(octet & 0x7f);
            let shifted = bits << (7 * at);
            if shifted >> (7 * at) != bits {
                return Err(Fault::Number);
            }
            number |= shifted;
            if octet & 0x80 == 0 {
                return N::try_from(number).map_err(|_| Fault::Number);
            }
        }
        Err(Fault::Number)
    }

    /// How many things follow, of which each takes at least so many octets: no more than there is room for.
    pub(super) fn count(&mut self, least: usize) -> Result<usize, Fault> {
        let count: usize = self.number()?;
        if count > self.rest.len() / least.max(1) {
            return Err(Fault::Short);
        }
        Ok(count)
    }

    /// Yes or no.
    pub(super) fn truth(&mut self) -> Result<bool, Fault> {
        match self.octet()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::Number),
        }
    }

    /// The name of a mailbox.
    pub(super) fn name(&mut self) -> Result<MailboxName, Fault> {
        self.text().map(MailboxName::new)
    }

    /// A keyword.
    pub(super) fn keyword(&mut self) -> Result<Keyword, Fault> {
        self.text().map(|text| Keyword(text.into()))
    }

    fn text(&mut self) -> Result<&'a str, Fault> {
        let length = self.count(1)?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Fault::Short)?;
        self.rest = rest;
        std::str::from_utf8(text).map_err(|_| Fault::Text)
    }

    /// Nothing is left.
    pub(super) const fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Fault::Long)
        }
    }
}
