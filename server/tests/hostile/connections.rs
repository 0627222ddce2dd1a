//! Ten thousand connections, each with one octet.

use crate::{
    polite::{HARDLY, is_served_while},
    process::Server,
    wire::{PATIENCE, Wire},
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

/// How many there are.
const COUNT: usize = 10_000;

/// How many more the server takes: of others, who want to be served.
const OTHERS: usize = 100;

/// How many files a process has open beside these, at most.
const FILES: usize = 200;

/// What one connection may take of memory, in KiB.
const EACH: u64 = 12;

/// Raises this process's limit of file descriptors, and that of the server which it will start. Each of the two holds its end of every connection, so
/// that more processes on this side would be no help.
fn make_room() {
    let needed = u64::try_from(COUNT + OTHERS + FILES).unwrap();
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let [current, maximum] =
        [current, maximum].map(|limit| limit.map_or(needed, |limit| limit.max(needed)));
    let raised = Rlimit {
        current: Some(current),
        maximum: Some(maximum),
    };
    // The hard limit stays where it is, unless it is too low: whoever may raise it does.
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        panic!(
            "{COUNT} connections need {needed} file descriptors ({error}): `ulimit -Hn {needed}`, by who may"
        );
    }
}

/// It is one of those that the server takes, and not sent away.
fn is_greeted(mut stream: &TcpStream) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut begins = [0; 5];
    stream.read_exact(&mut begins).unwrap();
    assert_eq!(&begins, b"* OK ", "{}", begins.escape_ascii());
}

#[test]
fn ten_thousand_connections_that_send_one_octet_each_take_little_and_disturb_nobody() {
    make_room();
    let connections = format!("connections={}", COUNT + OTHERS);
    let server = Server::start(&[
        "--limit",
        "login-timeout=600",
        "--limit",
        connections.as_str(),
    ]);
    let others = is_served_while(&server, "connections", HARDLY, 0, || {
        let before = server.peak();
        let others: Vec<TcpStream> = (0..COUNT)
            .map(|_| {
                let mut stream = TcpStream::connect(server.address).unwrap();
                stream.write_all(b"a").unwrap();
                stream
            })
            .collect();
        others.iter().for_each(is_greeted);
        let bound = u64::try_from(COUNT).unwrap() * EACH;
        server.has_taken_at_most("connections", before, bound);
        others
    });
    drop(others);
    Wire::login(server.address).ok("NOOP");
}
