//! `tandem explore`: the checked world in a browser, step by step, with stateright's Explorer.
//!
//! Touches a socket, by stateright, and standard output.

use super::{USAGE, check::practice};
use crate::config::ConfigError;
use std::{net::ToSocketAddrs as _, process::ExitCode};
use tandem_model::check::{Rules, Scene, Setup};

/// What `tandem explore --help` begins with.
pub const ABOUT: &str = "\
Walk through what several clients and a server can do, in a browser.

Each step shows what is sent and answered, and where everybody stands after it; the picture is a sequence diagram of the \
way so far. Ctrl-C ends it.";

/// Arguments of `tandem explore`.
#[derive(clap::Args, Debug)]
pub struct ExploreArgs {
    /// Address and port to serve pages on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:3000")]
    listen: String,
    /// How many clients
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=4))]
    clients: u8,
    /// How many messages in the mailbox at the beginning; the last is \Deleted
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=5))]
    messages: u8,
    /// How many commands a client may have in flight
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    pipeline: u8,
    /// How often the server may crash [default: 1 in the scenes about that, 0 in the others]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=3))]
    crashes: Option<u8>,
    /// The scene: which commands the clients have; `tandem check --list-scenes` lists them
    #[arg(long, value_name = "NAME", default_value = "fetch")]
    scene: String,
    /// Which of RFC 2180's alternatives the server follows; `tandem practices` lists them
    #[arg(long, value_name = "KEY=VALUE,...")]
    practice: Vec<String>,
}

/// Serves until it is ended.
#[must_use]
pub fn run(args: ExploreArgs) -> ExitCode {
    let (setup, address) = match prepared(&args) {
        Ok(prepared) => prepared,
        Err(error) => {
            eprintln!("tandem: {error}");
            return ExitCode::from(USAGE);
        }
    };
    let rules = match Rules::new(setup) {
        Ok(rules) => rules,
        Err(finding) => {
            eprintln!("tandem: {finding}, before anybody acts");
            return ExitCode::FAILURE;
        }
    };
    println!("tandem: exploring on http://{address}");
    tandem_model::check::explore(rules, address);
    ExitCode::SUCCESS
}

fn prepared(args: &ExploreArgs) -> Result<(Setup, std::net::SocketAddr), ConfigError> {
    let scene = Scene::named(&args.scene).map_err(ConfigError)?;
    let mut setup = Setup::new(scene, practice(&args.practice)?);
    setup.clients = args.clients.into();
    setup.messages = args.messages.into();
    setup.pipeline = args.pipeline.into();
    setup.crashes = args.crashes.unwrap_or(setup.crashes);
    let address = args
        .listen
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(|| {
            ConfigError(format!(
                "bad value `{}` for `--listen`: expected an address and a port like 127.0.0.1:3000",
                args.listen
            ))
        })?;
    Ok((setup, address))
}
