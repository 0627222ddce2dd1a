//! tandem from the outside.
