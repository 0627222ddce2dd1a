//! BODY and BODYSTRUCTURE.
//!
//! Touches nothing. RFC 3501 section 7.4.2. Sizes and lines are those of the part as it is, transfer-encoded. Types,
//! encodings and names of parameters are in capitals, as in the RFC's examples; values are as they are. What the [`Allowance`]
//! does not cover is NIL.

use super::{
    allowance::Allowance,
    entity::{Entity, Inside},
    envelope::{envelope, text},
    header::unfold,
    media::{self, Parameters},
};
use crate::codec::encode::string::{nstring, put, string};
use std::ops::Range;

/// Both: BODY is what is left of BODYSTRUCTURE without its extension data.
#[derive(Debug)]
pub struct Structure {
    out: Vec<u8>,
    /// Where the extension data are, each with the space before it; in order.
    extensions: Vec<Range<usize>>,
    allowance: Allowance,
}

impl Structure {
    /// That of a message.
    #[must_use]
    pub fn new(message: &Entity<'_>) -> Self {
        let mut structure = Self {
            out: Vec::new(),
            extensions: Vec::new(),
            allowance: Allowance::new(),
        };
        structure.entity(message);
        structure
    }

    /// BODY.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.out.len());
        let mut from = 0;
        for extension in &self.extensions {
            body.extend_from_slice(self.out.get(from..extension.start).unwrap_or_default());
            from = extension.end;
        }
        body.extend_from_slice(self.out.get(from..).unwrap_or_default());
        body
    }

    /// BODYSTRUCTURE.
    #[must_use]
    pub fn body_structure(&self) -> &[u8] {
        &self.out
    }

    /// `body`.
    fn entity(&mut self, entity: &Entity<'_>) {
        self.out.push(b'(');
        match &entity.inside {
            Inside::Parts(parts) => self.multipart(entity, parts),
            Inside::Message(message) => {
                self.basic_fields(entity);
                self.out.push(b' ');
                envelope(&mut self.out, &message.fields, &mut self.allowance);
                self.out.push(b' ');
                self.entity(message);
                put(&mut self.out, format_args!(" {}", entity.lines));
                self.extension(entity, Self::single_part_extension);
            }
            Inside::Octets => {
                self.basic_fields(entity);
                if entity.media.kind == b"TEXT" {
                    put(&mut self.out, format_args!(" {}", entity.lines));
                }
                self.extension(entity, Self::single_part_extension);
            }
        }
        self.out.push(b')');
    }

    /// `body-type-mpart`.
    fn multipart(&mut self, entity: &Entity<'_>, parts: &[Entity<'_>]) {
        for part in parts {
            self.entity(part);
        }
        self.out.push(b' ');
        string(&mut self.out, &entity.media.subtype);
        self.extension(entity, Self::multipart_extension);
    }

    /// `media-type` and `body-fields`.
    fn basic_fields(&mut self, entity: &Entity<'_>) {
        string(&mut self.out, &entity.media.kind);
        self.out.push(b' ');
        string(&mut self.out, &entity.media.subtype);
        self.out.push(b' ');
        self.parameters(&entity.media.parameters);
        self.field(entity.fields.id);
        self.field(entity.fields.description);
        self.out.push(b' ');
        let encoding = entity.fields.encoding;
        let encoding = encoding.and_then(|value| media::encoding(&unfold(value)));
        string(&mut self.out, encoding.as_deref().unwrap_or(b"7BIT"));
        put(&mut self.out, format_args!(" {}", entity.body.len()));
    }

    /// Writes extension data, and remembers where they are.
    fn extension(&mut self, entity: &Entity<'_>, write: fn(&mut Self, &Entity<'_>)) {
        let start = self.out.len();
        write(self, entity);
        self.extensions.push(start..self.out.len());
    }

    /// `body-ext-1part`, after a space.
    fn single_part_extension(&mut self, entity: &Entity<'_>) {
        self.field(entity.fields.md5);
        self.common_extension(entity);
    }

    /// `body-ext-mpart`, after a space.
    fn multipart_extension(&mut self, entity: &Entity<'_>) {
        self.out.push(b' ');
        self.parameters(&entity.media.parameters);
        self.common_extension(entity);
    }

    /// Disposition, language and location, each after a space.
    fn common_extension(&mut self, entity: &Entity<'_>) {
        self.out.push(b' ');
        let disposition = entity.fields.disposition;
        let disposition = disposition.and_then(|value| media::disposition(&unfold(value)));
        match disposition.filter(|(kind, _)| self.allowance.covers([kind.as_slice()])) {
            Some((kind, parameters)) => {
                self.out.push(b'(');
                string(&mut self.out, &kind);
                self.out.push(b' ');
                self.parameters(&parameters);
                self.out.push(b')');
            }
            None => nstring(&mut self.out, None),
        }
        self.out.push(b' ');
        self.languages(entity.fields.language.unwrap_or_default());
        self.field(entity.fields.location);
    }

    /// `body-fld-lang`: one is a string, more are a list.
    fn languages(&mut self, value: &[u8]) {
        let languages: Vec<_> = media::languages(&unfold(value)).collect();
        if let [one] = languages.as_slice() {
            let shown = self.allowance.covers([one.as_slice()]);
            return nstring(&mut self.out, shown.then_some(one));
        }
        self.list(languages.iter());
    }

    /// `body-fld-param`.
    fn parameters(&mut self, parameters: &Parameters) {
        self.list(parameters.iter().flat_map(|(name, value)| [name, value]));
    }

    /// Strings in parentheses, NIL for none.
    fn list<'a>(&mut self, strings: impl Iterator<Item = &'a Vec<u8>> + Clone) {
        let mut open = false;
        if self.allowance.covers(strings.clone().map(Vec::as_slice)) {
            for text in strings {
                self.out.push(if open { b' ' } else { b'(' });
                string(&mut self.out, text);
                open = true;
            }
        }
        if open {
            self.out.push(b')');
        } else {
            nstring(&mut self.out, None);
        }
    }

    /// A value, after a space; NIL if it is absent or empty.
    fn field(&mut self, value: Option<&[u8]>) {
        self.out.push(b' ');
        let value = value.filter(|value| !value.trim_ascii().is_empty());
        text(&mut self.out, value, &mut self.allowance);
    }
}
