//! What was compiled once is found again, and only by whoever wrote it.

use katydid_tests::{guest, katydid, output};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// What `inspect --json` says with this cache folder, and what it warns of.
fn inspect(cache: &Path, args: &[&str]) -> (Value, String) {
    let mut command = katydid();
    command.env("XDG_CACHE_HOME", cache).args(["inspect", "--json"]).args(args);
    let (code, out, err) = output(command.arg(guest("echoes")));
    assert_eq!(code, 0, "{err}");
    (serde_json::from_str(&out).unwrap(), err)
}

fn entries(cache: &Path) -> Vec<PathBuf> {
    let Ok(folder) = fs::read_dir(cache.join("katydid")) else { return Vec::new() };
    let paths = folder.map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|suffix| suffix == "compiled")).collect()
}

#[test]
fn what_was_compiled_is_found_again() {
    let cache = tempfile::tempdir().unwrap();
    let (mut first, err) = inspect(cache.path(), &[]);
    assert_eq!((&first["cached"], err.as_str()), (&Value::Bool(false), ""));
    assert_eq!(entries(cache.path()).len(), 1);
    let (mut second, err) = inspect(cache.path(), &[]);
    assert_eq!((&second["cached"], err.as_str()), (&Value::Bool(true), ""));
    for said in [&mut first, &mut second] {
        said.as_object_mut().unwrap().retain(|name, _| name != "cached" && name != "compile_ms");
    }
    assert_eq!(first, second, "nothing but the time differs");
    // Other settings of the sandbox make other machine code.
    let (other, _) = inspect(cache.path(), &["--max-memory", "8388608"]);
    assert_eq!((&other["cached"], entries(cache.path()).len()), (&Value::Bool(false), 2));
    assert_eq!(inspect(cache.path(), &["--no-cache"]).0["cached"], Value::Bool(false));
    let folder = fs::metadata(cache.path().join("katydid")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_damaged_entry_is_made_anew() {
    let cache = tempfile::tempdir().unwrap();
    inspect(cache.path(), &[]);
    let entry = entries(cache.path()).remove(0);
    let mut bytes = fs::read(&entry).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    fs::write(&entry, &bytes).unwrap();
    assert_eq!(inspect(cache.path(), &[]).0["cached"], Value::Bool(false));
    assert_ne!(fs::read(&entry).unwrap(), bytes, "written anew");
    assert_eq!(inspect(cache.path(), &[]).0["cached"], Value::Bool(true));
}

/// Without a cache it works as well, and says why there is none.
#[test]
fn a_cache_that_others_may_write_is_not_used() {
    let cache = tempfile::tempdir().unwrap();
    inspect(cache.path(), &[]);
    let folder = cache.path().join("katydid");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    let (said, err) = inspect(cache.path(), &[]);
    assert_eq!(said["cached"], Value::Bool(false));
    assert!(err.contains("warning: no cache of compiled scenarios: "), "{err}");
    assert!(err.contains("could be written by others"), "{err}");
    let file = cache.path().join("file");
    fs::write(&file, "").unwrap();
    let (_, err) = inspect(&file, &[]);
    assert!(err.contains("cannot make the folder"), "{err}");
}
