//! placeholder, being written
use crate::{account::Account, command::Input, practice::Practice, response::Response, number::MailboxId};
use alloc::vec::Vec;
/// One authenticated connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Session {}
impl Session {
    /// A session that has just been authenticated: no mailbox is selected.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// The one transition.
    pub fn step(&mut self, input: Input, account: &mut Account, practice: &Practice, out: &mut Vec<Response>) {
        let _ = (input, account, practice, out);
    }
    /// A FETCH, STORE or SEARCH has more pages: call step with [`Input::Resume`].
    #[must_use]
    pub fn wants_resume(&self) -> bool {
        false
    }
    /// IDLE is in progress: DONE is awaited.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        false
    }
    /// The session has ended (BYE, LOGOUT, Break): the connection is to be closed once the responses are written.
    #[must_use]
    pub fn is_over(&self) -> bool {
        false
    }
    /// The mailbox that is selected, if any.
    #[must_use]
    pub fn mailbox(&self) -> Option<MailboxId> {
        None
    }
}
