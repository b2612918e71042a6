//! The modules of a crate: what they import, refer to and define.
//!
//! Items that are compiled for tests only are left out.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use syn::{
    Attribute, Item, ItemMod, ItemUse, UseTree,
    visit::{self, Visit},
};

/// A path in source code: `["crate", "error", "Error"]`.
pub type SourcePath = Vec<String>;

/// A module.
#[derive(Debug, Default)]
pub struct Module {
    /// The file that it is in.
    pub file: PathBuf,
    /// The names of its child modules.
    pub children: Vec<String>,
    /// The names that it imports, each with its path.
    pub imports: BTreeMap<String, SourcePath>,
    /// The modules of which it imports all names.
    pub globs: Vec<SourcePath>,
    /// Every path in it that begins with `crate`, `self` or `super`.
    pub references: Vec<SourcePath>,
    /// The types and traits that it defines.
    pub types: Vec<String>,
}

/// The modules of a library or program by their paths; that of the root is empty.
#[derive(Debug, Default)]
pub struct ModuleTree(pub BTreeMap<SourcePath, Module>);

impl ModuleTree {
    /// Parses the sources of a library or program.
    ///
    /// # Errors
    /// If a file is missing or is not Rust.
    pub fn read(root_file: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_file(&[], root_file, true)?;
        Ok(tree)
    }

    /// Adds the module of a file. The children of a `mod.rs` are beside it, others in a folder of its name.
    fn read_file(&mut self, path: &[String], file: &Path, is_mod_rs: bool) -> Result<()> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let parsed = syn::parse_file(&text).with_context(|| format!("cannot parse {}", file.display()))?;
        let beside = file.parent().unwrap_or(Path::new(""));
        let folder = if is_mod_rs { beside.to_owned() } else { file.with_extension("") };
        self.add(path, file, &folder, &parsed.items)
    }

    fn add(&mut self, path: &[String], file: &Path, folder: &Path, items: &[Item]) -> Result<()> {
        let mut module = self.0.remove(path).unwrap_or_default();
        file.clone_into(&mut module.file);
        for item in items {
            if let Item::Mod(child) = item
                && !is_for_tests(&child.attrs)
            {
                let name = child.ident.to_string();
                if !module.children.contains(&name) {
                    module.children.push(name.clone());
                }
                let child_path = [path, std::slice::from_ref(&name)].concat();
                match &child.content {
                    Some((_, items)) => self.add(&child_path, file, &folder.join(name), items)?,
                    None => self.read_child(&child_path, file, folder, child)?,
                }
            }
            module.types.extend(type_name(item));
            References(&mut module).visit_item(item);
        }
        self.0.insert(path.to_vec(), module);
        Ok(())
    }

    fn read_child(&mut self, path: &[String], file: &Path, folder: &Path, child: &ItemMod) -> Result<()> {
        let named = path_attributes(&child.attrs);
        if !named.is_empty() {
            // With several, each for another platform, the module has the items of all.
            for name in named {
                let named = file.parent().unwrap_or(Path::new("")).join(name);
                self.read_file(path, &named, true)?;
            }
            return Ok(());
        }
        let name = child.ident.to_string();
        let (flat, nested) = (folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs"));
        ensure!(
            flat.exists() != nested.exists(),
            "{}: the module {name} needs one of its two files",
            file.display()
        );
        if flat.exists() { self.read_file(path, &flat, false) } else { self.read_file(path, &nested, true) }
    }

    /// Returns the module in which the item of a path, written in the module `at`, is defined. Imports are followed. `None`
    /// for paths that do not begin with `crate`, `self`, `super` or a child module.
    #[must_use]
    pub fn resolve(&self, at: &[String], path: &[String]) -> Option<SourcePath> {
        // Imports of globs may refer to one another.
        self.resolve_within(at, path, 16)
    }

    fn resolve_within(&self, at: &[String], path: &[String], n_steps: usize) -> Option<SourcePath> {
        let n_steps = n_steps.checked_sub(1)?;
        let (mut at, mut rest) = (at.to_vec(), path);
        match path.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &path[1..]),
            "self" | "super" => {
                while let Some((first, after)) = rest.split_first()
                    && (first == "self" || first == "super")
                {
                    if first == "super" {
                        at.pop();
                    }
                    rest = after;
                }
            }
            first if self.0.get(&at)?.children.iter().any(|child| child == first) => {}
            _ => return None,
        }
        while let Some((name, after)) = rest.split_first() {
            let module = self.0.get(&at)?;
            if module.children.contains(name) {
                at.push(name.clone());
                rest = after;
                continue;
            }
            if let Some(import) = module.imports.get(name) {
                let target = [&import[..], after].concat();
                return Some(self.resolve_within(&at, &target, n_steps).unwrap_or(at));
            }
            let is_defined = |path: &SourcePath| self.0.get(path).is_some_and(|it| it.types.contains(name));
            if !is_defined(&at) {
                let through = |glob: &SourcePath| {
                    self.resolve_within(&at, &[&glob[..], rest].concat(), n_steps).filter(is_defined)
                };
                if let Some(found) = module.globs.iter().find_map(through) {
                    return Some(found);
                }
            }
            break;
        }
        Some(at)
    }
}

/// Returns the name of the type or trait that an item defines.
fn type_name(item: &Item) -> Option<String> {
    let (attributes, name) = match item {
        Item::Struct(item) => (&item.attrs, &item.ident),
        Item::Enum(item) => (&item.attrs, &item.ident),
        Item::Union(item) => (&item.attrs, &item.ident),
        Item::Trait(item) => (&item.attrs, &item.ident),
        Item::Type(item) => (&item.attrs, &item.ident),
        _ => return None,
    };
    (!is_for_tests(attributes)).then(|| name.to_string())
}

/// Returns whether an item is compiled for tests only: `#[test]`, `#[cfg(test)]`, `#[cfg(all(test, ...))]`, `doctest` too.
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string().replace(' ', "");
            ["test", "doctest"].contains(&condition.as_str()) || condition.starts_with("all(test,")
        }
        meta => meta.path().is_ident("test"),
    })
}

/// Returns the files that attributes name: `#[path = "..."]`, also in `#[cfg_attr(..., path = "...")]`.
fn path_attributes(attributes: &[Attribute]) -> Vec<String> {
    let mut paths = Vec::new();
    for attribute in attributes {
        let text = match &attribute.meta {
            syn::Meta::NameValue(pair) if pair.path.is_ident("path") => {
                if let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value {
                    paths.push(text.value());
                }
                continue;
            }
            syn::Meta::List(list) if list.path.is_ident("cfg_attr") => list.tokens.to_string(),
            _ => continue,
        };
        let value = text.split_once("path = \"").and_then(|(_, rest)| rest.split_once('"'));
        paths.extend(value.map(|(path, _)| path.to_owned()));
    }
    paths
}

/// Adds the imports and paths of an item to its module; child modules are left out.
struct References<'a>(&'a mut Module);

impl References<'_> {
    fn import(&mut self, tree: &UseTree, mut path: SourcePath) {
        match tree {
            UseTree::Path(next) => {
                path.push(next.ident.to_string());
                self.import(&next.tree, path);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, path.clone());
                }
            }
            UseTree::Name(name) => self.import_as(path, name.ident.to_string(), name.ident.to_string()),
            UseTree::Rename(name) => self.import_as(path, name.ident.to_string(), name.rename.to_string()),
            UseTree::Glob(_) => {
                self.0.references.push(path.clone());
                self.0.globs.push(path);
            }
        }
    }

    fn import_as(&mut self, mut path: SourcePath, name: String, alias: String) {
        if name != "self" {
            path.push(name);
        }
        let alias = if alias == "self" { path.last().cloned().unwrap_or_default() } else { alias };
        self.0.references.push(path.clone());
        self.0.imports.insert(alias, path);
    }
}

impl<'a> Visit<'a> for References<'_> {
    fn visit_item(&mut self, item: &'a Item) {
        let attributes = match item {
            Item::Mod(_) => return,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Const(item) => &item.attrs,
            Item::Static(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            Item::Type(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.import(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let first = path.segments.first().map(|segment| segment.ident.to_string());
        if first.is_some_and(|first| ["crate", "self", "super"].contains(&first.as_str()))
            && path.segments.len() > 1
        {
            let names = path.segments.iter().map(|segment| segment.ident.to_string());
            self.0.references.push(names.collect());
        }
        visit::visit_path(self, path);
    }

    /// The arguments of a macro are tokens, not expressions.
    fn visit_macro(&mut self, item: &'a syn::Macro) {
        self.0.references.extend(paths_in(&item.tokens.to_string()));
        visit::visit_macro(self, item);
    }
}

/// Returns the paths in tokens that begin with `crate` or `super`.
fn paths_in(tokens: &str) -> Vec<SourcePath> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut paths = Vec::new();
    for start in ["crate", "super"] {
        for (at, _) in tokens.match_indices(start) {
            if tokens[..at].ends_with(is_word) {
                continue;
            }
            let mut path = vec![start.to_owned()];
            let mut rest = &tokens[at + start.len()..];
            while let Some(after) = rest.trim_start().strip_prefix("::") {
                let after = after.trim_start();
                let end = after.find(|c: char| !is_word(c)).unwrap_or(after.len());
                if end == 0 {
                    break;
                }
                path.push(after[..end].to_owned());
                rest = &after[end..];
            }
            if path.len() > 1 {
                paths.push(path);
            }
        }
    }
    paths
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn words(path: &str) -> SourcePath {
        path.split("::").filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn follows_imports_to_the_defining_module() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("lib.rs", "mod error; pub use error::{Error as Fault, *}; mod a { pub struct A; }");
        write("error.rs", "pub struct Error; pub struct Other; #[cfg(test)] struct Hidden;");
        let tree = ModuleTree::read(&folder.path().join("lib.rs")).unwrap();
        let resolve = |path: &str| tree.resolve(&words("a"), &words(path));
        assert_eq!(resolve("crate::Fault"), Some(words("error")));
        assert_eq!(resolve("super::Other"), Some(words("error")));
        assert_eq!(resolve("crate::error::Error"), Some(words("error")));
        assert_eq!(resolve("self::A"), Some(words("a")));
        assert_eq!(resolve("crate::Unknown"), Some(words("")));
        assert_eq!(resolve("std::fmt"), None);
        assert_eq!(tree.0[&words("error")].types, ["Error", "Other"]);
    }

    #[test]
    fn reads_paths_in_macros() {
        let paths = paths_in("a . b , crate :: x :: Y (1) , supers :: z , super :: f ()");
        assert_eq!(paths, [words("crate::x::Y"), words("super::f")]);
    }
}
