//! Who the client is, and what it can do: LOGIN, AUTHENTICATE, ID, ENABLE.
//!
//! Touches nothing. RFC 3501 section 9, RFC 4959 section 7, RFC 2971 section 4, RFC 5161 section 4.

use super::{
    cursor::{Cursor, Unexpected},
    limits::{CAPABILITIES, ID_FIELDS, ID_NAME, ID_VALUE},
    primitives::{
        argument, astring, atom, expected, nstring, parenthesised, sp, spaced, string, utf8,
    },
};
use crate::codec::request::Request;
use base64::{Engine, engine::general_purpose::STANDARD};
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{tag_no_case, take_while},
    combinator::{map, opt},
};

/// `login = "LOGIN" SP userid SP password`
///
/// `userid = astring`, `password = astring`
pub(super) fn login(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let userid = utf8("a user name", astring);
    let password = utf8("a password", astring);
    let read = |(user, password)| Request::Login { user, password };
    map((argument(userid), argument(password)), read).parse(input)
}

/// `authenticate = "AUTHENTICATE" SP auth-type [SP (base64 / "=")] *(CRLF base64)` (RFC 4959 section 7)
///
/// What comes after the first line is no part of the command here:
/// [`authenticate_response`](super::authenticate_response). `auth-type = atom`
pub(super) fn authenticate(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let auth_type = expected("a mechanism", atom);
    let initial = opt(argument(initial_response));
    let read = |(mechanism, initial): (&str, _)| Request::Authenticate {
        mechanism: mechanism.to_ascii_uppercase(),
        initial,
    };
    map((argument(auth_type), initial), read).parse(input)
}

/// `base64 / "="`: `=` is a response of no octets (RFC 4959 section 3)
fn initial_response(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<u8>, Unexpected> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let (rest, encoded) = take_while(is_base64).parse(input)?;
    match encoded.rest {
        b"" => Err(input.fail("base64 or `=`")),
        b"=" => Ok((rest, Vec::new())),
        encoded => {
            let decoded = STANDARD
                .decode(encoded)
                .map_err(|_| input.fail("base64 or `=`"))?;
            Ok((rest, decoded))
        }
    }
}

/// `id = "ID" SP id-params-list` (RFC 2971 section 4)
///
/// `id-params-list = "(" [string SP nstring *(SP string SP nstring)] ")" / nil`
pub(super) fn id(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let nil = map(tag_no_case("NIL"), |_| Vec::new());
    let list = expected(
        "a list of fields or NIL",
        alt((parenthesised(id_fields), nil)),
    );
    let read =
        |fields: Vec<Option<(String, String)>>| Request::Id(fields.into_iter().flatten().collect());
    map(argument(list), read).parse(input)
}

/// `[string SP nstring *(SP string SP nstring)]`, before `")"`
fn id_fields(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<Option<(String, String)>>, Unexpected> {
    if input.is_at(b')') {
        return Ok((input, Vec::new()));
    }
    spaced(ID_FIELDS, "fields", id_field).parse(input)
}

/// `string SP nstring`; `None` if the value is NIL
fn id_field(input: Cursor<'_>) -> IResult<Cursor<'_>, Option<(String, String)>, Unexpected> {
    let (rest, name) = utf8("the name of a field", string).parse(input)?;
    if name.len() > ID_NAME {
        return Err(input.too_many(ID_NAME, "octets in the name of a field"));
    }
    let (value_at, _) = sp(rest)?;
    let (rest, value) = expected("the value of a field", nstring).parse(value_at)?;
    let value = match value.map(String::from_utf8) {
        Some(Ok(value)) if value.len() > ID_VALUE => {
            return Err(value_at.too_many(ID_VALUE, "octets in the value of a field"));
        }
        Some(Ok(value)) => Some((name, value)),
        Some(Err(_)) => return Err(value_at.fail("the value of a field")),
        None => None,
    };
    Ok((rest, value))
}

/// `"ENABLE" 1*(SP capability)` (RFC 5161 section 4)
///
/// `capability = ("AUTH=" auth-type) / atom`
pub(super) fn enable(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let capability =
        |input| map(expected("a capability", atom), str::to_ascii_uppercase).parse(input);
    map(
        argument(spaced(CAPABILITIES, "capabilities", capability)),
        Request::Enable,
    )
    .parse(input)
}
