//! How large a command may be.
//!
//! Touches nothing. RFC 7888 section 4: APPEND needs large literals, other commands don't.

/// The most that one command may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of one command outside of its literals, all line ends included; also of a bare line. 64 KiB.
    pub line: usize,
    /// Octets of one literal of any command but APPEND. 64 KiB.
    pub literal: usize,
    /// Octets of all literals of one command, unless it is APPEND. 256 KiB.
    pub literals: usize,
    /// How many literals one command may have. 1,024.
    pub count: usize,
    /// Octets of one literal of APPEND. All literals of one APPEND may be [`Limits::literal`] more, since the mailbox
    /// name can be one too. 64 MiB.
    pub append: usize,
}

impl Limits {
    /// Before login, where anybody on the network may try: 8 KiB of text, 8 KiB in at most 16 literals.
    pub const STRANGER: Self = Self {
        line: 8 << 10,
        literal: 8 << 10,
        literals: 8 << 10,
        count: 16,
        append: 8 << 10,
    };

    /// The most octets that are kept of one command.
    #[must_use]
    pub const fn most(&self) -> usize {
        let (append, others) = (self.append.saturating_add(self.literal), self.literals);
        let literals = if append > others { append } else { others };
        self.line.saturating_add(literals)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 64 << 10,
            literal: 64 << 10,
            literals: 256 << 10,
            count: 1_024,
            append: 64 << 20,
        }
    }
}
