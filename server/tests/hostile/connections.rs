//! As many connections as the server takes, each with one octet.

use crate::{polite::is_served_while, process::Server, wire::Wire};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{io::Write as _, net::TcpStream};

/// How many there are, if the limit of file descriptors permits: what the server takes by default, less a few for others.
pub const MOST: usize = 9_900;

/// What one connection may take of memory, in KiB.
const EACH: u64 = 12;

/// How many connections this process can have, once its limit is raised as far as it may be.
fn possible() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    setrlimit(Resource::Nofile, raised).unwrap();
    let most = maximum.map_or(usize::MAX, |most| usize::try_from(most).unwrap());
    most.saturating_sub(200).min(MOST)
}

#[test]
fn ten_thousand_connections_that_send_one_octet_each_take_little_and_disturb_nobody() {
    let count = possible();
    println!("{count} connections, of {MOST}");
    let server = Server::start(&["--limit", "login-timeout=600"]);
    let others = is_served_while(&server, "connections", || {
        let before = server.peak();
        let others: Vec<TcpStream> = (0..count)
            .map(|_| {
                let mut stream = TcpStream::connect(server.address).unwrap();
                stream.write_all(b"a").unwrap();
                stream
            })
            .collect();
        // The server takes them in their order: once this one is greeted, so are they.
        Wire::login(server.address).ok("NOOP");
        let bound = u64::try_from(count).unwrap() * EACH;
        server.has_taken_at_most("connections", before, bound);
        others
    });
    drop(others);
    Wire::login(server.address).ok("NOOP");
}
