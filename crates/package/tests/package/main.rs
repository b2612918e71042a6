//! A package is the same bytes each time, and what was changed in it is noticed.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use mysfits_infra::Stack;
use mysfits_package::{Architecture, Dependencies, LAMBDA_ZIP, MODEL, Package, PackageError, Parts, SBOM};
use tempfile::TempDir;

/// Built parts, as small as they can be; the program is this test.
fn parts(folder: &Path) -> Parts {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("table/decision-table.bin", "table");
    write("table/schema.json", "{}");
    write("site/index.html", "<!doctype html>");
    write("site/index.html.br", "compressed");
    write("site/assets/app-0123456789abcdef.wasm", "wasm");
    write("model.tar.gz", "model");
    Parts {
        bootstrap: std::env::current_exe().unwrap(),
        architecture: Architecture::HOST.unwrap(),
        dependencies: Dependencies::from_cargo_tree("0function v1.0.0|MIT|", "").unwrap(),
        table: folder.join("table"),
        site: folder.join("site"),
        model: folder.join("model.tar.gz"),
    }
}

/// A package in a folder of its own; the folder lives as long as the first part.
fn package() -> (TempDir, PathBuf, Package) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("package");
    let package = Package::write(&parts(folder.path()), &out).unwrap();
    (folder, out, package)
}

#[test]
fn twice_the_same_input_gives_the_same_bytes() {
    let (_one, first, package) = package();
    let (_other, second, _) = self::package();
    for file in package.manifest().files.iter().map(|file| file.path.as_str()).chain(["manifest.json"]) {
        assert_eq!(fs::read(first.join(file)).unwrap(), fs::read(second.join(file)).unwrap(), "{file}");
    }
}

#[test]
fn a_package_that_was_written_can_be_opened_and_holds_everything() {
    let (_folder, out, written) = package();
    let opened = Package::open(&out).unwrap();
    assert_eq!(opened.manifest(), written.manifest());
    let keys: Vec<_> = opened.site().into_iter().map(|file| file.key).collect();
    let expected = ["assets/app-0123456789abcdef.wasm", "decision-table.bin", "index.html"];
    assert_eq!(keys, expected, "precompressed files stay at home, the function's table comes along");
    assert_eq!(fs::read(out.join("site/decision-table.bin")).unwrap(), b"table");
    for stack in Stack::ALL {
        assert_eq!(opened.template(stack).unwrap(), stack.yaml());
    }
    let zip = zip::ZipArchive::new(fs::File::open(opened.path(LAMBDA_ZIP)).unwrap()).unwrap();
    let names: Vec<_> = zip.file_names().map(Result::unwrap).collect();
    assert_eq!(names, ["bootstrap", "decision-table.bin", "schema.json"]);
    assert!(fs::read_to_string(opened.path(SBOM)).unwrap().contains("pkg:cargo/function@1.0.0"));
}

#[test]
fn what_was_changed_added_or_removed_is_named() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        (MODEL, |out| fs::write(out.join(MODEL), "modle").unwrap()),
        ("site/index.html", |out| fs::remove_file(out.join("site/index.html")).unwrap()),
        ("site/new.js", |out| fs::write(out.join("site/new.js"), "").unwrap()),
        ("manifest.json", |out| fs::write(out.join("manifest.json"), "{").unwrap()),
    ];
    for (name, change) in changes {
        let (_folder, out, _) = package();
        change(&out);
        let refused = Package::open(&out).unwrap_err();
        assert!(refused.to_string().contains(name), "{refused}");
        assert!(refused.to_string().contains("cargo xtask package"), "{refused}");
    }
}

#[test]
fn a_program_that_lambda_cannot_start_leaves_the_old_package_alone() {
    let (folder, out, written) = package();
    let mut parts = parts(folder.path());
    parts.bootstrap = folder.path().join("model.tar.gz");
    assert!(matches!(Package::write(&parts, &out), Err(PackageError::Elf(_))));
    assert_eq!(Package::open(&out).unwrap().manifest(), written.manifest());
}
