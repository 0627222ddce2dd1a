//! A client that reads what it is sent with imap-codec, so that nothing the server's encoder does wrong can hide behind the server's parser.
//!
//! Touches one socket. imap-codec reads strictly (its quirks are switched off): a response that it cannot read fails the test.
//! Nearly all that the server says can be read by it. What it cannot read is the date `00-Jan-0000` of a NIL form (RFC 2180 section 4.1.3), for which
//! the tests use imap-proto on [`Client::raw`].

use crate::{
    server::Server,
    wire::{Wire, shown},
};
use imap_codec::{
    GreetingCodec, ResponseCodec,
    decode::Decoder as _,
    encode::Encoder as _,
    imap_types::{
        core::NString,
        fetch::MessageDataItem,
        response::{Code, Data, Greeting, Response, Status, StatusBody, StatusKind},
    },
};

/// One connection.
#[derive(Debug)]
pub struct Client {
    wire: Wire,
    commands: u32,
}

/// The answer to a command.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What came before the tagged response.
    pub untagged: Vec<Response<'static>>,
    /// The tagged response.
    pub tagged: StatusBody<'static>,
}

impl Client {
    /// Connects, and reads the greeting.
    #[must_use]
    pub fn connect(server: &Server) -> (Self, Greeting<'static>) {
        let mut wire = Wire::connect(server.address());
        let line = wire.response().unwrap();
        let greeting = GreetingCodec::default().decode_static(&line);
        let (rest, greeting) = greeting.unwrap_or_else(|_| panic!("no greeting: {}", shown(&line)));
        assert!(rest.is_empty());
        (Self { wire, commands: 0 }, greeting)
    }

    /// Connects, and logs in.
    #[must_use]
    pub fn login(server: &Server) -> Self {
        let (mut client, _) = Self::connect(server);
        client.ok("LOGIN demo demo");
        client
    }

    /// Sends these bytes.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.wire.send(bytes.as_ref());
    }

    /// The bytes of the next response; `None` at the end of the connection.
    pub fn raw(&mut self) -> Option<Vec<u8>> {
        self.wire.response()
    }

    /// The next response; `None` at the end of the connection.
    pub fn receive(&mut self) -> Option<Response<'static>> {
        let bytes = self.raw()?;
        let decoded = ResponseCodec::default().decode_static(&bytes);
        match decoded {
            Ok(([], response)) => Some(response),
            _ => panic!("no response of IMAP: {}", shown(&bytes)),
        }
    }

    /// Sends a command, literals and all, without waiting for anything; its tag.
    pub fn begin(&mut self, command: impl AsRef<[u8]>) -> String {
        self.commands += 1;
        let tag = format!("t{}", self.commands);
        let mut line = format!("{tag} ").into_bytes();
        line.extend_from_slice(command.as_ref());
        line.extend_from_slice(b"\r\n");
        self.send(line);
        tag
    }

    /// Everything up to the tagged response.
    pub fn finish(&mut self, tag: &str) -> Answer {
        let mut untagged = Vec::new();
        loop {
            match self.receive() {
                Some(Response::Status(Status::Tagged(done))) => {
                    assert_eq!(done.tag.as_ref(), tag);
                    let tagged = done.body;
                    return Answer { untagged, tagged };
                }
                Some(response) => untagged.push(response),
                None => panic!("the connection ended after {:?}", lines(&untagged)),
            }
        }
    }

    /// A command and its answer.
    pub fn command(&mut self, command: impl AsRef<[u8]>) -> Answer {
        let tag = self.begin(command);
        self.finish(&tag)
    }

    /// A command that is answered OK: what came before.
    pub fn ok(&mut self, command: impl AsRef<[u8]>) -> Vec<Response<'static>> {
        let answer = self.command(command.as_ref());
        let asked = shown(command.as_ref());
        assert_eq!(answer.tagged.kind, StatusKind::Ok, "{asked}: {answer:?}");
        answer.untagged
    }

    /// The same as text.
    pub fn lines(&mut self, command: impl AsRef<[u8]>) -> Vec<String> {
        lines(&self.ok(command))
    }

    /// The condition and the code of the tagged response, as in `NO [INUSE]`; what came before must have been nothing.
    pub fn refused(&mut self, command: impl AsRef<[u8]>) -> String {
        let answer = self.command(command.as_ref());
        let untagged = lines(&answer.untagged);
        assert!(
            untagged.is_empty(),
            "{}: {untagged:?}",
            shown(command.as_ref())
        );
        answer.condition()
    }

    /// Appends a message with a literal that does not wait.
    pub fn append(&mut self, mailbox: &str, message: impl AsRef<[u8]>) -> Answer {
        let message = message.as_ref();
        let mut command = format!("APPEND {mailbox} {{{}+}}\r\n", message.len()).into_bytes();
        command.extend_from_slice(message);
        self.command(command)
    }
}

impl Answer {
    /// The condition and the code of the tagged response: `OK`, `NO [INUSE]`.
    #[must_use]
    pub fn condition(&self) -> String {
        let condition = match self.tagged.kind {
            StatusKind::Ok => "OK",
            StatusKind::No => "NO",
            StatusKind::Bad => "BAD",
        };
        match &self.tagged.code {
            Some(code) => format!("{condition} [{}]", code_text(code)),
            None => condition.to_owned(),
        }
    }
}

/// Responses as imap-codec writes them, without their CRLFs.
#[must_use]
pub fn lines(responses: &[Response<'_>]) -> Vec<String> {
    responses.iter().map(line).collect()
}

/// A response as imap-codec writes it.
#[must_use]
pub fn line(response: &Response<'_>) -> String {
    let bytes = ResponseCodec::default().encode(response).dump();
    let text = String::from_utf8_lossy(&bytes);
    text.strip_suffix("\r\n").unwrap_or(&text).to_owned()
}

fn code_text(code: &Code<'_>) -> String {
    let status = Status::ok(None, Some(code.clone()), "x").unwrap();
    let line = line(&Response::Status(status));
    let code = line
        .strip_prefix("* OK [")
        .and_then(|rest| rest.strip_suffix("] x"));
    code.unwrap().to_owned()
}

/// The FETCH responses among these: number and items.
pub fn fetched<'a>(
    responses: &'a [Response<'static>],
) -> impl Iterator<Item = (u32, &'a [MessageDataItem<'static>])> {
    responses.iter().filter_map(|response| match response {
        Response::Data(Data::Fetch { seq, items }) => Some((seq.get(), items.as_ref())),
        _ => None,
    })
}

/// The numbers that SEARCH found.
#[must_use]
pub fn found(responses: &[Response<'_>]) -> Vec<u32> {
    let [Response::Data(Data::Search(numbers))] = responses else {
        panic!("not one SEARCH response: {:?}", lines(responses));
    };
    numbers.iter().map(|number| number.get()).collect()
}

/// The bytes of a string that may be NIL.
#[must_use]
pub fn bytes<'a>(string: &'a NString<'_>) -> Option<&'a [u8]> {
    string.0.as_ref().map(AsRef::as_ref)
}
