//! Whether everything that was begun can be brought to an end, whatever has happened: by going backwards from the worlds that are at rest.
//!
//! Touches nothing. A breadth-first search gives it the edges, in the order of the worlds that they leave. An edge of a
//! broken connection or of a crash is none of them, for to get rid of a client is not to answer it; nor that of a new command, for no answer
//! may wait until somebody says more. It is asked whether rest can be reached, not whether it is: a server that could go round in circles for ever would pass.

use alloc::vec::Vec;

/// The worlds by their numbers, and which can be next.
#[derive(Default)]
pub struct Graph {
    /// Of each world, where its edges end.
    ends: Vec<u64>,
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

    /// All edges of the next world that has none yet.
    pub fn edges(&mut self, to: impl Iterator<Item = u32>) {
        self.edges.extend(to);
        self.ends.push(self.edges.len() as u64);
    }

    /// The first world from which no rest can be reached, if there is one. All worlds have got their edges.
    #[must_use]
    pub fn restless(mut self) -> Option<u32> {
        // An edge mostly leads to a world of a higher number: so a sweep from the last to the first settles almost all, and a few more the rest.
        while self.sweep() {}
        let first = self.rests.iter().position(|&rests| !rests)?;
        u32::try_from(first).ok()
    }

    fn sweep(&mut self) -> bool {
        let mut changed = false;
        for world in (0..self.ends.len()).rev() {
            if self.rests.get(world) != Some(&false) {
                continue;
            }
            let end = |at: usize| self.ends.get(at).copied().unwrap_or_default();
            let from = world.checked_sub(1).map_or(0, end);
            let range = usize::try_from(from).unwrap_or(usize::MAX)
                ..usize::try_from(end(world)).unwrap_or_default();
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
        for (_, edges) in worlds {
            graph.edges(edges.iter().copied());
        }
        graph
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
