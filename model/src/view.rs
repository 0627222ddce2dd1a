//! placeholder
use crate::number::{ModSeq, Uid, ViewId};
/// One session's view of one mailbox: cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// Which view.
    pub id: ViewId,
    /// The last UID that it has been told EXISTS of.
    pub exists_to: Uid,
    /// Up to which MODSEQ it has been told of expunges.
    pub expunged_to: ModSeq,
    /// Up to which MODSEQ it has been told of flags.
    pub flags_to: ModSeq,
    /// How many keywords it has been told.
    pub keywords_to: u8,
    /// EXAMINE.
    pub read_only: bool,
}
