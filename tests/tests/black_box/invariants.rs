//! The servers of these tests hold every account to the catalogue of invariants after each step (feature `assert-invariants`): that they do.

use tandem_model::Fault;
use tandem_tests::{reader::Client, server::Server};

#[test]
fn a_step_that_breaks_an_invariant_is_the_last_of_its_account() {
    let server = Server::start(|config| config.practice.fault = Some(Fault::CursorAhead));
    let mut other = Client::login(&server);
    let mut client = Client::login(&server);
    client.begin("SELECT INBOX");
    assert_eq!(client.raw(), None, "the session failed");
    let tag = other.begin("SELECT INBOX");
    let answer = String::from_utf8(other.raw().unwrap()).unwrap();
    assert!(
        answer.starts_with("* BYE ") && !answer.contains(&tag),
        "{answer}"
    );
}
