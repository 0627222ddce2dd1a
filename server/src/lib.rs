//! The server of tandem: a thin driver around [`tandem_model::Session::step`].

pub mod accounts;
pub mod codec;
pub mod commands;
pub mod config;
pub mod connection;
pub mod content;
pub mod listener;
pub mod login;
pub mod render;
pub mod sample;
pub mod search;
