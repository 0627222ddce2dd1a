//! A whole script, played and judged.
//!
//! Touches an account of its own.

use super::{Script, World};

/// Plays a script, to its end.
///
/// # Errors
/// What is wrong, and what was said until then.
pub fn play(
    script: &Script,
    after_each: impl Fn(&World) -> Result<(), String>,
) -> Result<(), String> {
    let mut world = World::new(script);
    let played = world.begin().and_then(|()| {
        for act in &script.acts {
            world.act(act)?;
            after_each(&world)?;
        }
        world.settle()
    });
    played.map_err(|fault| {
        let practices: Vec<String> = script
            .practice
            .chosen()
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        format!(
            "{fault}\n{}; {:?}\n{}",
            practices.join(","),
            script.limits,
            world.transcript.text()
        )
    })
}
