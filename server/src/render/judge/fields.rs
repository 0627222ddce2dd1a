//! Fields of a header, line by line.
//!
//! Touches nothing. RFC 5322 sections 2.1 to 2.2.3, RFC 3501 section 6.4.5. Shares no code with what writes.

/// The fields with these names, and all others, each with the blank line that ends the header, if one does. What is in a header and is no field is in neither.
#[must_use]
pub fn apart(header: &[u8], names: &[&str]) -> (Vec<u8>, Vec<u8>) {
    let (mut named, mut others) = (Vec::new(), Vec::new());
    // Whether the field that a line goes on with has one of the names; `None`: it goes on with none.
    let mut is_named = None;
    for line in lines(header) {
        if is_blank(line) {
            named.extend_from_slice(line);
            others.extend_from_slice(line);
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            is_named = name(line).map(|name| {
                let mut names = names.iter();
                names.any(|known| known.as_bytes().eq_ignore_ascii_case(name))
            });
        }
        match is_named {
            Some(true) => named.extend_from_slice(line),
            Some(false) => others.extend_from_slice(line),
            None => {}
        }
    }
    (named, others)
}

/// Whether this is the whole of a header: nothing is after its blank line, and only where nothing comes after it, it has none.
#[must_use]
pub fn is_header(header: &[u8], is_all: bool) -> bool {
    let mut lines = lines(header).skip_while(|line| !is_blank(line));
    lines.next().map_or(is_all, |_| lines.next().is_none())
}

fn lines(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    header.split_inclusive(|&byte| byte == b'\n')
}

fn is_blank(line: &[u8]) -> bool {
    line == b"\r\n" || line == b"\n"
}

/// The name that is before the colon, if it is one: white space may be between them.
fn name(line: &[u8]) -> Option<&[u8]> {
    let mut halves = line.splitn(2, |&byte| byte == b':');
    let name = halves.next()?.trim_ascii_end();
    halves.next()?;
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then_some(name)
}
