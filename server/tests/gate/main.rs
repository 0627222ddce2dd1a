//! The gate: no way around [`tandem_model::Session::step`], neither to an account nor to a client.
//!
//! Touches the sources, to read. What is checked is `step`; code between it and the socket, or beside it, is not, so there has to be
//! little of it, and it has to be known. Each rule (`table`) names what only a few places may do, and these places with how often they do it. Whoever adds one
//! has to say here why; whoever takes one away, too.
//!
//! The compiler does the greater part: the model's fields are private, and what of it is `pub` and changes something is listed.

#[cfg(test)]
mod rules;
#[cfg(test)]
mod source;
#[cfg(test)]
mod table;
