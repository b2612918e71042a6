//! Data files in checkouts without symbolic links.

#[path = "../../build/link.rs"]
mod link;

use std::{fs, path::Path};

use link::read_json;

#[test]
fn reads_the_target_of_a_link_that_is_a_text_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("link");
    fs::create_dir_all(folder.join("crate/data")).unwrap();
    fs::write(folder.join("mysfits.json"), "{\"version\": 1}\n").unwrap();
    let link = folder.join("crate/data/mysfits.json");
    fs::write(&link, "../../mysfits.json").unwrap();
    let (source, text) = read_json(&link).unwrap();
    assert_eq!((source, &*text), (folder.join("crate/data/../../mysfits.json"), "{\"version\": 1}\n"));
    fs::write(&link, "../../nowhere.json").unwrap();
    assert_eq!(read_json(&link).unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn reads_a_file_that_is_no_link() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-link.json");
    for text in ["{\"version\": 1}", "[\n1]\n", "no\nJSON", ""] {
        fs::write(&file, text).unwrap();
        assert_eq!(read_json(&file).unwrap(), (file.clone(), text.to_owned()));
    }
}
