//! Import cycles between the modules of a crate.
//!
//! A module and its descendants are one unit: they may refer to each other in both directions, as a parent declares and
//! re-exports its children. The rule is for siblings. At every level of the tree, the references from one sibling, with all
//! its descendants, to another must form no cycle. An import is followed: `crate::Error` counts for the module that defines
//! `Error`, not for the root that re-exports it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::modules::{ModuleTree, SourcePath};

/// Siblings that refer to each other in a circle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// The path of their parent.
    pub parent: SourcePath,
    /// Their names, in alphabetical order.
    pub names: Vec<String>,
    /// Their references to each other: `a -> b (a::c uses crate::b::D)`.
    pub references: Vec<String>,
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crate::")?;
        self.parent.iter().try_for_each(|name| write!(f, "{name}::"))?;
        write!(f, "{{{}}}", self.names.join(", "))
    }
}

/// Returns the cycles of a library or program.
#[must_use]
pub fn find(tree: &ModuleTree) -> Vec<Cycle> {
    // By parent: which sibling refers to which, and the reason.
    let mut levels: BTreeMap<SourcePath, BTreeMap<(String, String), String>> = BTreeMap::new();
    for (path, module) in &tree.0 {
        for reference in &module.references {
            let Some(target) = tree.resolve(path, reference) else { continue };
            let n_common = path.iter().zip(&target).take_while(|(a, b)| a == b).count();
            let (Some(from), Some(to)) = (path.get(n_common), target.get(n_common)) else { continue };
            let reason = format!("{from} -> {to} ({} uses {})", path.join("::"), reference.join("::"));
            let level = levels.entry(path[..n_common].to_vec()).or_default();
            level.entry((from.clone(), to.clone())).or_insert(reason);
        }
    }
    levels.into_iter().flat_map(|(parent, edges)| cycles(&parent, &edges)).collect()
}

/// Returns the groups of siblings that all reach each other.
fn cycles(parent: &SourcePath, edges: &BTreeMap<(String, String), String>) -> Vec<Cycle> {
    let reach = |start: &str| {
        let (mut reached, mut left) = (BTreeSet::new(), vec![start.to_owned()]);
        while let Some(name) = left.pop() {
            for (_, to) in edges.keys().filter(|(from, _)| *from == name) {
                if reached.insert(to.clone()) {
                    left.push(to.clone());
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&str, BTreeSet<String>> =
        edges.keys().map(|(from, _)| (from.as_str(), reach(from))).collect();
    let mut groups = BTreeSet::new();
    for (name, others) in &reached {
        if others.contains(*name) {
            let both_ways =
                |other: &&String| reached.get(other.as_str()).is_some_and(|it| it.contains(*name));
            groups.insert(others.iter().filter(both_ways).cloned().collect::<Vec<_>>());
        }
    }
    let cycle = |names: Vec<String>| {
        let is_within =
            |((from, to), _): &(&(String, String), &String)| names.contains(from) && names.contains(to);
        let references = edges.iter().filter(is_within).map(|(_, reason)| reason.clone()).collect();
        Cycle { parent: parent.clone(), names, references }
    };
    groups.into_iter().map(cycle).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn cycles_of(source: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lib.rs");
        std::fs::write(&file, source).unwrap();
        find(&ModuleTree::read(&file).unwrap()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn finds_cycles_of_siblings_through_their_descendants() {
        let source = "mod a { mod deep { use crate::b::B; } pub struct A; }
                      mod b { pub struct B(super::c::C); } mod c { pub struct C(crate::a::A); } mod d { use crate::a::A; }";
        assert_eq!(cycles_of(source), ["crate::{a, b, c}"]);
    }

    #[test]
    fn finds_cycles_through_exports_of_the_root_and_in_macros() {
        assert_eq!(
            cycles_of("pub use a::A; mod a { use crate::b; pub struct A; } mod b { use crate::A; }"),
            ["crate::{a, b}"]
        );
        assert_eq!(
            cycles_of("mod a { fn f() { g!(1, crate::b::h()); } } mod b { fn h() { crate::a::f() } }"),
            ["crate::{a, b}"]
        );
    }

    #[test]
    fn accepts_parents_and_children_and_what_only_tests_import() {
        assert_eq!(cycles_of("mod a { mod b { use super::A; } pub use b::B; pub struct A; }"), [""; 0]);
        assert_eq!(
            cycles_of(
                "mod a { pub struct A; #[cfg(test)] mod tests { use crate::b::B; } } mod b { use crate::a::A; }"
            ),
            [""; 0]
        );
    }
}
