//! Which octets each token may hold.
//!
//! Touches nothing. RFC 3501 section 9.

/// `CTL`: controls, DEL among them.
pub(in crate::codec) const fn is_ctl(byte: u8) -> bool {
    byte.is_ascii_control()
}

/// `quoted-specials = DQUOTE / "\"`
pub(in crate::codec) const fn is_quoted_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\')
}

/// `list-wildcards = "%" / "*"`
pub(in crate::codec) const fn is_list_wildcard(byte: u8) -> bool {
    matches!(byte, b'%' | b'*')
}

/// `resp-specials = "]"`
pub(in crate::codec) const fn is_resp_special(byte: u8) -> bool {
    byte == b']'
}

/// `atom-specials = "(" / ")" / "{" / SP / CTL / list-wildcards / quoted-specials / resp-specials`
pub(in crate::codec) const fn is_atom_special(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'{' | b' ')
        || is_ctl(byte)
        || is_list_wildcard(byte)
        || is_quoted_special(byte)
        || is_resp_special(byte)
}

/// `ATOM-CHAR = <any CHAR except atom-specials>`
pub(in crate::codec) const fn is_atom_char(byte: u8) -> bool {
    byte.is_ascii() && !is_atom_special(byte)
}

/// `ASTRING-CHAR = ATOM-CHAR / resp-specials`
pub(in crate::codec) const fn is_astring_char(byte: u8) -> bool {
    is_atom_char(byte) || is_resp_special(byte)
}

/// `tag = 1*<any ASTRING-CHAR except "+">`
pub(in crate::codec) const fn is_tag_char(byte: u8) -> bool {
    is_astring_char(byte) && byte != b'+'
}

/// `list-char = ATOM-CHAR / list-wildcards / resp-specials`
pub(in crate::codec) const fn is_list_char(byte: u8) -> bool {
    is_astring_char(byte) || is_list_wildcard(byte)
}

/// `TEXT-CHAR = <any CHAR except CR and LF>`, NUL not being a CHAR; octets with the eighth bit set are let through, for
/// UTF-8, which each string's own reader checks.
pub(in crate::codec) const fn is_text_char(byte: u8) -> bool {
    !matches!(byte, b'\0' | b'\r' | b'\n')
}

/// What a header field's name is made of: `ftext` of RFC 5322 section 3.6.8.
pub(in crate::codec) const fn is_field_name_char(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b':'
}
