//! Whether everything that was begun can be brought to an end, whatever has happened: by going backwards from the worlds that are at rest.
//!
//! Touches nothing. A search gives it the edges, first in the order of the worlds that they leave, and from some world on in any other. An edge of a
//! broken connection or of a crash is none of them, for to get rid of a client is not to answer it; nor that of a new command, for no answer
//! may wait until somebody says more. It is asked whether rest can be reached, not whether it is: a server that could go round in circles for ever would pass.

use alloc::vec::Vec;

/// The worlds by their numbers, and which can be next.
#[derive(Default)]
pub struct Graph {
    /// Of each world that has got its edges, in that order, where they end.
    ends: Vec<u64>,
    /// Which the last of these are, from the first on that did not come in its turn.
    order: Vec<u32>,
    /// The worlds that edges lead to.
    edges: Vec<u32>,
    /// Of each world, whether rest can be reached from it, as far as is known.
    rests: Vec<bool>,
}

impl Graph {
    /// Another world, with the next number.
    pub fn world(&mut self, is_at_rest: bool) {
        self.rests.push(is_at_rest);
    }

    /// All edges of a world that has none yet.
    pub fn edges(&mut self, from: u32, to: impl Iterator<Item = u32>) {
        self.edges.extend(to);
        if !self.order.is_empty() || from as usize != self.ends.len() {
            self.order.push(from);
        }
        self.ends.push(self.edges.len() as u64);
    }

    /// The first world from which no rest can be reached, if there is one. All worlds have got their edges.
    #[must_use]
    pub fn restless(mut self) -> Option<u32> {
        // An edge mostly leads to a world that has got its edges later: so a sweep from the last to the first settles almost all, and a few more the rest.
        while self.sweep() {}
        let first = self.rests.iter().position(|&rests| !rests)?;
        u32::try_from(first).ok()
    }

    fn sweep(&mut self) -> bool {
        let mut changed = false;
        let in_turn = self.ends.len() - self.order.len();
        for at in (0..self.ends.len()).rev() {
            let late = at
                .checked_sub(in_turn)
                .and_then(|late| self.order.get(late));
            let world = late.map_or(at, |&world| world as usize);
            if self.rests.get(world) != Some(&false) {
                continue;
            }
            let end = |at: usize| self.ends.get(at).copied().unwrap_or_default();
            let from = at.checked_sub(1).map_or(0, end);
            let range = usize::try_from(from).unwrap_or(usize::MAX)
                ..usize::try_from(end(at)).unwrap_or_default();
            let edges = self.edges.get(range).unwrap_or_default();
            let reaches = edges
                .iter()
                .any(|&to| self.rests.get(to as usize) == Some(&true));
            if reaches && let Some(rests) = self.rests.get_mut(world) {
                *rests = true;
                changed = true;
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::Graph;

    fn graph(worlds: &[(bool, &[u32])]) -> Graph {
        let mut graph = Graph::default();
        for (rests, _) in worlds {
            graph.world(*rests);
        }
        for (world, (_, edges)) in (0..).zip(worlds) {
            graph.edges(world, edges.iter().copied());
        }
        graph
    }

    #[test]
    fn edges_may_come_in_any_order() {
        let worlds: [(bool, &[u32]); 5] = [
            (false, &[1]),
            (false, &[4]),
            (true, &[]),
            (false, &[3]),
            (false, &[2]),
        ];
        for order in [
            [0, 1, 2, 3, 4],
            [0, 4, 3, 2, 1],
            [4, 3, 2, 1, 0],
            [0, 1, 4, 2, 3],
        ] {
            let mut graph = Graph::default();
            for (rests, _) in worlds {
                graph.world(rests);
            }
            for from in order {
                let (_, edges) = worlds[from];
                graph.edges(u32::try_from(from).unwrap(), edges.iter().copied());
            }
            assert_eq!(graph.restless(), Some(3), "{order:?}");
        }
    }

    #[test]
    fn rest_is_reached_over_any_number_of_edges_up_and_down() {
        let all = graph(&[(false, &[2]), (true, &[0]), (false, &[3]), (false, &[1])]);
        assert_eq!(all.restless(), None);
    }

    #[test]
    fn the_first_of_a_circle_without_rest_is_told() {
        let circle = graph(&[(true, &[1]), (false, &[0, 2]), (false, &[3]), (false, &[2])]);
        assert_eq!(circle.restless(), Some(2));
        let end = graph(&[(true, &[1]), (false, &[])]);
        assert_eq!(end.restless(), Some(1));
    }
}
