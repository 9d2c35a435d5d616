//! The files of a crate and which of them uses which, read from the syntax tree.
//!
//! Contract: a file that uses a module above it (its parent, or the crate's root) makes no edge: a child lives in its
//! parent. Tests (`#[cfg(test)]`) count for nothing. A name that a module re-exports belongs to the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

/// A module's path below the crate's root; empty for the root itself.
type Module = Vec<String>;

/// Which module uses which others.
pub type Edges = BTreeMap<Module, BTreeSet<Module>>;

/// The declarations of one file.
#[derive(Debug, Default)]
struct File {
    /// Paths that the file names, as they stand.
    paths: Vec<Module>,
    /// Names that `use` brings in, with their paths.
    imports: BTreeMap<String, Module>,
}

/// The edges between the files of the crate whose root is `root`, for example `functions/core/src/lib.rs`.
///
/// # Errors
/// When a file cannot be read or parsed.
pub fn edges(root: &Path) -> Result<Edges> {
    let mut files = BTreeMap::new();
    read(
        root,
        root.parent().context("a root in a directory")?,
        Vec::new(),
        &mut files,
    )?;
    let mut edges = Edges::new();
    for (module, file) in &files {
        let used = file.paths.iter().filter_map(|path| target(&files, module, path));
        let used = used.filter(|used| !module.starts_with(used)).collect();
        edges.insert(module.clone(), used);
    }
    Ok(edges)
}

/// Groups of modules that use each other in a circle.
#[must_use]
pub fn circles(edges: &Edges) -> BTreeSet<BTreeSet<Module>> {
    let reach: BTreeMap<_, _> = edges.keys().map(|module| (module, reachable(edges, module))).collect();
    let circle = |module: &Module| -> BTreeSet<Module> {
        let forward = reach.get(module).into_iter().flatten();
        forward
            .filter(|other| reach.get(*other).is_some_and(|back| back.contains(module)))
            .cloned()
            .collect()
    };
    edges.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

fn reachable(edges: &Edges, from: &Module) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for next in edges.get(module).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    found
}

/// Reads the file of `module` and those of its children, which are in `directory`.
fn read(file: &Path, directory: &Path, module: Module, files: &mut BTreeMap<Module, File>) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let tree = syn::parse_file(&text).with_context(|| file.display().to_string())?;
    let children = tree.items.iter().filter_map(|item| match item {
        Item::Mod(child) if child.content.is_none() && !is_test(&child.attrs) => Some(child.ident.to_string()),
        _ => None,
    });
    for child in children {
        let in_own_directory = directory.join(&child).join("mod.rs");
        let beside = directory.join(format!("{child}.rs"));
        let file = if beside.is_file() { beside } else { in_own_directory };
        read(
            &file,
            &directory.join(&child),
            [module.clone(), vec![child]].concat(),
            files,
        )?;
    }
    let mut found = File::default();
    found.visit_file(&tree);
    files.insert(module, found);
    Ok(())
}

/// The module in which the thing that `path` names is defined, when that is in this crate.
fn target(files: &BTreeMap<Module, File>, from: &Module, path: &Module) -> Option<Module> {
    resolve(files, from, path, 8)
}

/// Follows re-exports, at most `depth` of them.
fn resolve(files: &BTreeMap<Module, File>, from: &Module, path: &Module, depth: u8) -> Option<Module> {
    let mut module = from.clone();
    let mut rest = path.as_slice();
    match rest.first()?.as_str() {
        "crate" => module.clear(),
        "self" => {}
        "super" => {
            module.pop()?;
        }
        child if files.contains_key(&[from.clone(), vec![child.to_owned()]].concat()) => module.push(child.to_owned()),
        _ => return None,
    }
    rest = rest.get(1..)?;
    while let Some((next, behind)) = rest.split_first() {
        if next == "super" {
            module.pop()?;
        } else {
            let child = [module.clone(), vec![next.clone()]].concat();
            if !files.contains_key(&child) {
                break;
            }
            module = child;
        }
        rest = behind;
    }
    let reexport = rest.first().and_then(|name| files.get(&module)?.imports.get(name));
    match reexport {
        Some(path) if depth > 0 => resolve(files, &module, path, depth - 1).or(Some(module)),
        _ => Some(module),
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let named = |name: &str| attribute.path().is_ident(name);
        let tokens = || attribute.meta.require_list().map(|list| list.tokens.to_string());
        named("test")
            || named("cfg") && tokens().is_ok_and(|tokens| tokens == "test" || tokens.starts_with("any (test"))
    })
}

impl File {
    fn import(&mut self, before: &Module, tree: &UseTree) {
        let with = |name: &syn::Ident| [before.clone(), vec![name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&with(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.add(before.last().cloned(), before.clone()),
            UseTree::Name(name) => self.add(Some(name.ident.to_string()), with(&name.ident)),
            UseTree::Rename(renamed) => self.add(Some(renamed.rename.to_string()), with(&renamed.ident)),
            UseTree::Glob(_) => self.paths.push(before.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(before, tree)),
        }
    }

    fn add(&mut self, name: Option<String>, path: Module) {
        self.paths.push(path.clone());
        self.imports.extend(name.map(|name| (name, path)));
    }
}

impl Visit<'_> for File {
    fn visit_item(&mut self, item: &Item) {
        let attributes = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &ItemUse) {
        self.import(&Vec::new(), &item.tree);
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        if item.content.is_some() {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let segments: Module = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1 {
            self.paths.push(segments);
        }
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> usize {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let file = directory.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        circles(&edges(&directory.path().join("lib.rs")).unwrap()).len()
    }

    #[test]
    fn two_files_that_use_each_other_are_a_circle() {
        let lib = ("lib.rs", "mod a; mod b; pub use a::A; pub struct Root;");
        let a = ("a.rs", "use crate::b::B; pub struct A(B);");
        let plain = ("b.rs", "use crate::Root; pub struct B(Root);");
        let back = ("b.rs", "pub struct B; fn f(_: crate::a::A) {}");
        let by_reexport = ("b.rs", "pub struct B; fn f(_: crate::A) {}");
        let in_test = ("b.rs", "pub struct B; #[cfg(test)] mod tests { use crate::a::A; }");
        assert_eq!(circles_of(&[lib, a, plain]), 0);
        assert_eq!(circles_of(&[lib, a, back]), 1);
        assert_eq!(circles_of(&[lib, a, by_reexport]), 1);
        assert_eq!(circles_of(&[lib, a, in_test]), 0);
    }

    #[test]
    fn a_child_may_use_its_parent_and_a_sister_may_not_be_used_back() {
        let lib = ("lib.rs", "mod parent;");
        let parent = (
            "parent/mod.rs",
            "mod one; mod two; pub use one::One; pub fn shared() {}",
        );
        let child = (
            "parent/one.rs",
            "use super::shared; use super::two::Two; pub struct One(Two);",
        );
        let apart = ("parent/two.rs", "use super::shared; pub struct Two;");
        let back = ("parent/two.rs", "pub struct Two; fn f(_: super::One) {}");
        assert_eq!(circles_of(&[lib, parent, child, apart]), 0);
        assert_eq!(circles_of(&[lib, parent, child, back]), 1);
    }
}
