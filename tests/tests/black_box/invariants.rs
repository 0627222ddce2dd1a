//! The servers of these tests hold every account to the catalogue of invariants after each step, while it is small (feature `assert-invariants`): that they do.

use tandem_model::Fault;
use tandem_tests::{reader::Client, server::Server};

/// After a message has come and some command, the other is never answered, and nobody else gets at the account any more.
#[track_caller]
fn ends(fault: Fault, first: &str, last: &str) {
    let server = Server::start(|config| config.practice.fault = Some(fault));
    let mut other = Client::login(&server);
    let mut client = Client::login(&server);
    client.append("INBOX", "A: b\r\n\r\n");
    client.ok(first);
    client.begin(last);
    assert_eq!(client.raw(), None, "the session failed");
    let tag = other.begin("SELECT INBOX");
    let answer = String::from_utf8(other.raw().unwrap()).unwrap();
    assert!(
        answer.starts_with("* BYE ") && !answer.contains(&tag),
        "{answer}"
    );
}

#[test]
fn a_step_that_breaks_an_invariant_is_the_last_of_its_account() {
    ends(Fault::CursorAhead, "NOOP", "SELECT INBOX");
}

#[test]
fn a_step_that_does_more_than_it_says_is_the_last_of_its_account() {
    let store = r"STORE 1 +FLAGS.SILENT (\Flagged)";
    ends(Fault::Unjournalled, "SELECT INBOX", store);
}
