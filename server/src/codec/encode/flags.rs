//! Lists of flags.
//!
//! Touches nothing but the buffer. RFC 3501 sections 2.3.2 and 7.2.6.

use super::string::is_atom;
use tandem_model::flags::{Flags, Keywords};

/// Writes `(\Answered ... keyword ... \Recent)`: the system flags, then keywords, then \Recent. A flag that `keywords`
/// does not know is not written: its client has not been told of it.
pub fn flag_list(out: &mut Vec<u8>, flags: Flags, recent: bool, keywords: &Keywords) {
    let system = Flags::NAMES
        .iter()
        .filter(|(flag, _)| flags.contains(*flag))
        .map(|&(_, name)| name);
    let known = keywords
        .list()
        .iter()
        .enumerate()
        .filter(|&(index, _)| {
            let flag = Flags::keyword(index);
            flag != Flags::NONE && flags.contains(flag)
        })
        .map(|(_, keyword)| &*keyword.0);
    list(out, system.chain(known).chain(recent.then_some("\\Recent")));
}

/// Writes all system flags and all of these keywords; for PERMANENTFLAGS `\*` too, while there is room for another.
pub fn all_flags(out: &mut Vec<u8>, keywords: &Keywords, permanent: bool) {
    let system = Flags::NAMES.iter().map(|&(_, name)| name);
    let known = keywords.list().iter().map(|keyword| &*keyword.0);
    let more = (permanent && keywords.has_room()).then_some("\\*");
    list(out, system.chain(known).chain(more));
}

fn list<'a>(out: &mut Vec<u8>, names: impl Iterator<Item = &'a str>) {
    out.push(b'(');
    let mut first = true;
    for name in names {
        // What a client may set is an atom by its grammar; anything else would break the line.
        if !is_atom(name.strip_prefix('\\').unwrap_or(name)) && name != "\\*" {
            continue;
        }
        if !first {
            out.push(b' ');
        }
        first = false;
        out.extend_from_slice(name.as_bytes());
    }
    out.push(b')');
}
