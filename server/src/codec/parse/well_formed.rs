//! What is well formed, and what it means.
