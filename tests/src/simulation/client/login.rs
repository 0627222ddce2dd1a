//! How a client comes in: at once, with wrong passwords first, or never.
//!
//! Touches its end of a connection. RFC 3501 sections 3.1, 6.2.2 and 6.2.3, RFC 5530. Whoever has not logged in for long enough is sent away, whatever else is
//! said, and so is who has given too many wrong passwords: not before, and then at once.

use super::{Gone, PATIENCE, Person};
use crate::{
    simulation::{pipe::End, run::stage::Stage},
    wire::shown,
};
use std::{rc::Rc, time::Duration};
use tokio::time::{Instant, sleep};

/// A password was wrong.
const WRONG: &str = "login NO [AUTHENTICATIONFAILED] ";

/// What those are told whose account cannot be read.
pub const UNAVAILABLE: &str = "login NO [UNAVAILABLE] ";

/// Too many passwords were wrong.
pub const TOO_MANY: &str = "* BYE too many failed logins\r\n";

/// Nobody has logged in.
pub const TOO_LATE: &str = "* BYE nobody has logged in for too long\r\n";

/// For how long somebody says nothing who does not log in, in milliseconds.
const PAUSE: usize = 20_000;

impl Person {
    /// Connects, and logs in.
    pub async fn come(stage: &Rc<Stage>) -> Result<Self, Gone> {
        let mut person = Self::connect(stage).await?;
        person.log_in().await?;
        Ok(person)
    }

    /// The same, unless fate has it otherwise.
    pub(super) async fn stumble_in(stage: &Rc<Stage>) -> Result<Self, Gone> {
        let mut person = Self::connect(stage).await?;
        match person.fate().below(24) {
            0 | 1 => person.guess().await?,
            2 => person.loiter().await?,
            _ => {}
        }
        person.log_in().await?;
        Ok(person)
    }

    async fn connect(stage: &Rc<Stage>) -> Result<Self, Gone> {
        let mut person = Self::new(stage);
        person.expect("* OK [CAPABILITY ").await?;
        Ok(person)
    }

    async fn log_in(&mut self) -> Result<(), Gone> {
        self.send(b"login LOGIN demo demo\r\n").await;
        self.expect("login OK [CAPABILITY ").await
    }

    /// Gives wrong passwords.
    async fn guess(&mut self) -> Result<(), Gone> {
        let most = self.stage.limits().login_attempts;
        for attempt in 1..=1 + self.fate().below(4) {
            self.give_wrong_password().await?;
            self.expect(WRONG).await?;
            self.stage.guessed();
            if attempt == most {
                self.expect(TOO_MANY).await?;
                self.told_bye = true;
                return self.closed().await;
            }
        }
        Ok(())
    }

    async fn give_wrong_password(&mut self) -> Result<(), Gone> {
        let fate = self.fate();
        let octets: &[u8] = match fate.below(200) {
            // Of a user who is kept, and of nobody: that takes as long as a hash, here too.
            1..50 => b"login LOGIN ann demo\r\n",
            0 => b"login LOGIN nobody demo\r\n",
            50..100 => b"login AUTHENTICATE PLAIN AGRlbW8ARGVtbw==\r\n",
            100..150 => {
                self.send(b"login AUTHENTICATE PLAIN\r\n").await;
                self.expect("+ ").await?;
                b"AGRlbW8ARGVtbw==\r\n"
            }
            _ => b"login LOGIN demo {5+}\r\ndemo \r\n",
        };
        self.send(octets).await;
        Ok(())
    }

    /// Does not log in, and is sent away, though it says something now and then.
    async fn loiter(&mut self) -> Result<(), Gone> {
        let (fate, limit) = (self.fate(), self.stage.limits().login_timeout);
        let until = self.began + limit;
        if fate.once_in(3) {
            return self.wait_until(until).await;
        }
        let whole = fate.once_in(2);
        loop {
            let long = Duration::from_millis(fate.below(PAUSE) as u64);
            if Instant::now() + long + Duration::from_secs(1) > until {
                return self.wait_until(until).await;
            }
            sleep(long).await;
            if whole {
                self.send(b"login NOOP\r\n").await;
                self.expect("login OK ").await?;
            } else {
                self.send(b"l").await;
            }
        }
    }

    /// Waits to be sent away, which is due then.
    async fn wait_until(&mut self, until: Instant) -> Result<(), Gone> {
        self.expect_within(TOO_LATE, until - Instant::now() + PATIENCE)
            .await?;
        let now = Instant::now();
        if now < until || now > until + Duration::from_secs(1) {
            self.wrong(format!("it is sent away after {:?}", self.began.elapsed()));
        }
        self.stage.loitered();
        self.told_bye = true;
        self.closed().await
    }

    /// The next response begins with this; on a bad disk the account may not be there.
    async fn expect(&mut self, begins: &'static str) -> Result<(), Gone> {
        self.expect_within(begins, PATIENCE).await
    }

    async fn expect_within(&mut self, begins: &'static str, within: Duration) -> Result<(), Gone> {
        self.sitting.before.borrow_mut().push(begins);
        let line = self.hear(within).await?;
        if line.starts_with(begins.as_bytes()) {
            return Ok(());
        }
        if line.starts_with(UNAVAILABLE.as_bytes()) && self.stage.disk.is_bad() {
            self.sitting.near.leave(End::Closed);
            return Err(Gone::Ended);
        }
        self.wrong(format!("`{}` in place of `{begins}`", shown(&line)));
        Err(Gone::Ended)
    }
}
