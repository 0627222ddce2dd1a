//! What is malformed, and what the client is told.
