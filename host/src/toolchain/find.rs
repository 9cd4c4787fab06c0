//! What a path names: which language, and which file of a folder.

use super::Project;
use super::recipe::{RECIPES, Recipe, Unit};
use std::path::{Path, PathBuf};

/// What a path names.
#[derive(Debug)]
pub enum Found {
    /// A file that needs no building: WebAssembly, its text, or what else there may be in it.
    File(PathBuf),
    /// Sources.
    Project(Project),
}

/// WebAssembly and its text.
const READY: &[&str] = &["wasm", "wat", "wast"];
/// What a scenario's file may be called in a folder with others.
const NAMES: &[&str] = &["scenario", "locustfile"];
/// Folders of a project in which its scenario may lie.
const WITHIN: &[&str] = &["", "src"];

/// Finds out what a path names. A file of an unknown kind is taken for WebAssembly.
///
/// # Errors
/// It is a folder that names no scenario, or several.
pub fn find(path: &Path) -> Result<Found, String> {
    if !path.is_dir() {
        return Ok(match by_extension(path) {
            Some(recipe) if recipe.unit == Unit::File => {
                Found::Project(Project::new(recipe, path.to_owned()))
            }
            _ => Found::File(path.to_owned()),
        });
    }
    let mut candidates: Vec<Candidate> =
        RECIPES.iter().filter_map(|recipe| Candidate::of(recipe, path)).collect();
    // A folder may hold a script in another language, or its tools' settings.
    for better in [Candidate::is_marked, Candidate::is_named] {
        if candidates.len() > 1 && candidates.iter().any(better) {
            candidates.retain(better);
        }
    }
    match candidates.as_slice() {
        [] => ready(path),
        [Candidate { recipe, files, .. }] => match files.as_slice() {
            [] => Ok(Found::Project(Project::new(recipe, path.to_owned()))),
            [file] => Ok(Found::Project(Project::new(recipe, file.clone()))),
            several => Err(choose(path, several)),
        },
        several => {
            let files = several.iter().flat_map(|candidate| &candidate.files);
            Err(choose(path, &files.cloned().collect::<Vec<_>>()))
        }
    }
}

/// A language in which a folder may be.
struct Candidate {
    recipe: &'static Recipe,
    marked: bool,
    /// The files that may be the scenario; none where the folder is.
    files: Vec<PathBuf>,
}

impl Candidate {
    fn of(recipe: &'static Recipe, folder: &Path) -> Option<Self> {
        let marked = recipe.markers.iter().any(|name| folder.join(name).is_file());
        let files = match recipe.unit {
            Unit::Folder | Unit::Ready => Vec::new(),
            Unit::File => mains(recipe, folder),
        };
        let fits = match recipe.unit {
            Unit::Folder => marked,
            Unit::Ready => false,
            Unit::File => !files.is_empty(),
        };
        fits.then_some(Self { recipe, marked, files })
    }

    fn is_marked(&self) -> bool {
        self.marked
    }

    fn is_named(&self) -> bool {
        self.files.iter().any(|file| is_named(file))
    }
}

fn is_named(file: &Path) -> bool {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| NAMES.contains(&stem))
}

/// The files of a folder that may be its scenario: the one that is called so, or all.
fn mains(recipe: &Recipe, folder: &Path) -> Vec<PathBuf> {
    for within in WITHIN {
        let mut found = sources(&folder.join(within), recipe.extensions);
        found.retain(|file| by_extension(file).is_some_and(|own| own.name == recipe.name));
        let named: Vec<_> = found.iter().filter(|file| is_named(file)).cloned().collect();
        match (named.is_empty(), found.is_empty()) {
            (false, _) => return named,
            (true, false) => return found,
            (true, true) => {}
        }
    }
    Vec::new()
}

/// The files with these extensions that are no tests and no settings.
fn sources(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
        let other = stem.starts_with("test_")
            || stem.starts_with('.')
            || [".test", ".spec", ".config", ".d", "_test"].iter().any(|end| stem.ends_with(end))
            || ["conftest", "setup", "__init__"].contains(&stem);
        extensions.contains(&extension) && !other && path.is_file()
    };
    let mut files: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(fits).collect();
    files.sort();
    files
}

/// A folder without sources that we know: it may hold what was built elsewhere.
fn ready(folder: &Path) -> Result<Found, String> {
    let mut files = sources(folder, READY);
    // The text is what is written, the binary perhaps what was made of it.
    let is_text = |file: &PathBuf| file.extension().is_some_and(|extension| extension != "wasm");
    if files.iter().any(is_text) {
        files.retain(is_text);
    }
    if files.iter().any(|file| is_named(file)) {
        files.retain(|file| is_named(file));
    }
    match files.as_slice() {
        [file] => Ok(Found::File(file.clone())),
        [] => {
            let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
            let what = if empty { "an empty folder" } else { "a folder without a scenario" };
            let name = folder.display();
            Err(format!("{name:?} is {what}; name {}", what_may_be_named()))
        }
        several => Err(choose(folder, several)),
    }
}

fn choose(folder: &Path, files: &[PathBuf]) -> String {
    /// Names that fit into a sentence.
    const MOST: usize = 5;
    let name = |file: &PathBuf| {
        let file = file.strip_prefix(folder).unwrap_or(file);
        format!("{:?}", file.display())
    };
    let names: Vec<_> = files.iter().take(MOST).map(name).collect();
    let more = if files.len() > MOST { ", ..." } else { "" };
    format!(
        "{:?} holds several files that may be the scenario ({}{more}); name one, or call it scenario",
        folder.display(),
        names.join(", ")
    )
}

/// Everything that a path may name, for a sentence.
#[must_use]
pub fn what_may_be_named() -> String {
    let files = RECIPES.iter().filter(|recipe| recipe.unit == Unit::File);
    let files = files.map(|recipe| {
        let first = recipe.extensions.first().unwrap_or(&"");
        format!(".{first} ({})", recipe.title)
    });
    let folders = RECIPES.iter().filter(|recipe| recipe.unit == Unit::Folder);
    let folders = folders.map(|recipe| {
        let first = recipe.markers.first().unwrap_or(&"");
        format!("{first} ({})", recipe.title)
    });
    format!(
        "a file that ends in .wasm, .wat, {}, or a folder with {}",
        files.collect::<Vec<_>>().join(", "),
        folders.collect::<Vec<_>>().join(" or ")
    )
}

/// Why a file of an unknown kind, which turned out to be no WebAssembly, cannot be built.
#[must_use]
pub fn unknown(path: &Path) -> Option<String> {
    if let Some(recipe) = by_extension(path).filter(|recipe| recipe.unit == Unit::Folder) {
        let marker = recipe.markers.first()?;
        return Some(format!(
            "{:?} is a part of a project in {}; name the folder with its {marker}",
            path.display(),
            recipe.title
        ));
    }
    let extension = path.extension()?.to_str()?;
    let known = READY.contains(&extension) || DATA.contains(&extension);
    (!known).then(|| {
        format!(
            "{:?} is not WebAssembly, and .{extension} is no language that katydid builds; name {}",
            path.display(),
            what_may_be_named()
        )
    })
}

/// What is in no language at all.
const DATA: &[&str] = &["md", "txt", "json", "toml", "csv", "xml", "yaml", "yml", "html", "lock"];

/// The language of a file: by how it ends, and where two share that, by what only one of them says.
fn by_extension(path: &Path) -> Option<&'static Recipe> {
    let extension = path.extension()?.to_str()?;
    let mut fit = RECIPES.iter().copied().filter(|recipe| recipe.extensions.contains(&extension));
    let (signed, plain): (Vec<_>, Vec<_>) = fit.by_ref().partition(|recipe| recipe.sign.is_some());
    let text = || std::fs::read_to_string(path).unwrap_or_default();
    let text = if signed.is_empty() { String::new() } else { text() };
    let says = |recipe: &&Recipe| recipe.sign.is_some_and(|sign| text.contains(sign));
    signed.into_iter().find(says).or(plain.into_iter().next())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for name in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("it has one")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        folder
    }

    #[test]
    fn what_files_are() {
        for (name, expected) in [
            ("a.py", Some("python")),
            ("a.ts", Some("typescript")),
            ("a.mts", Some("typescript")),
            ("a.js", Some("javascript")),
            ("a.wasm", None),
            ("a.wat", None),
            ("a.rb", None),
            ("lib.rs", None),
            ("a", None),
        ] {
            let found = match find(Path::new(name)) {
                Ok(Found::Project(project)) => Some(project.language()),
                _ => None,
            };
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn engines_are_those_of_the_language() {
        let of = |name: &str, engine: &str| match find(Path::new(name)) {
            Ok(Found::Project(project)) => project.with_engine(engine),
            other => unreachable!("{other:?}"),
        };
        let built = |name: &str, engine: &str| of(name, engine).expect("it has that one").name();
        assert_eq!(of("a.ts", "starlingmonkey").expect("it has").engine(), Some("starlingmonkey"));
        assert_eq!(of("a.ts", "quickjs").expect("it has").engine(), None, "as without");
        // What was built for one engine is never found for the other.
        assert_ne!(built("a.ts", "quickjs"), built("a.ts", "starlingmonkey"));
        let error = of("a.js", "v8").expect_err("unknown");
        assert!(
            error.contains("in JavaScript, whose engines are quickjs, starlingmonkey"),
            "{error}"
        );
        let error = of("a.py", "quickjs").expect_err("another language's");
        assert!(error.contains("in Python, which leaves no engine to choose"), "{error}");
    }

    #[test]
    fn languages_that_share_an_ending_are_told_apart() {
        let folder = folder(&["a.ts", "b.ts"]);
        let text = "export * from \"katydid/exports\";\n";
        std::fs::write(folder.path().join("b.ts"), text).expect("written");
        for (name, expected) in [("a.ts", "typescript"), ("b.ts", "assemblyscript")] {
            match find(&folder.path().join(name)) {
                Ok(Found::Project(project)) => assert_eq!(project.language(), expected),
                other => unreachable!("{other:?}"),
            }
        }
    }

    #[test]
    fn what_folders_are() {
        #[rustfmt::skip]
        let table: &[(&[&str], &str)] = &[
            (&["Cargo.toml", "src/lib.rs", "plot.py"], "rust "),
            (&["scenario.py"], "python scenario.py"),
            (&["load.py", "test_load.py", "conftest.py"], "python load.py"),
            (&["shop.py", "locustfile.py"], "python locustfile.py"),
            (&["pyproject.toml", "src/scenario.py"], "python src/scenario.py"),
            (&["pyproject.toml", "load.py", "plot.js"], "python load.py"),
            (&["scenario.ts", "package.json", "vitest.config.ts"], "typescript scenario.ts"),
            (&["scenario.js", "helper.js"], "javascript scenario.js"),
            (&["src/load.ts", "types.d.ts"], "typescript src/load.ts"),
            (&["scenario.py", "plot.js"], "python scenario.py"),
            (&["scenario.wat", "other.wat", "scenario.wasm"], "file scenario.wat"),
            (&["made.wasm"], "file made.wasm"),
            (&["a.py", "b.py"], "holds several files that may be the scenario (\"a.py\", \"b.py\"); name one"),
            (&["a.py", "b.js"], "holds several files that may be the scenario"),
            (&[], "is an empty folder; name a file that ends in .wasm, .wat, .ts (TypeScript)"),
            (&["README.md"], "is a folder without a scenario; name a file"),
        ];
        for (files, expected) in table {
            let folder = folder(files);
            let relative = |path: &Path| {
                let path = path.strip_prefix(folder.path()).expect("it lies there");
                path.display().to_string()
            };
            let found = match find(folder.path()) {
                Ok(Found::Project(p)) => format!("{} {}", p.language(), relative(p.path())),
                Ok(Found::File(path)) => format!("file {}", relative(&path)),
                Err(error) => error,
            };
            assert!(found.contains(expected), "{files:?}: {found}");
        }
    }

    #[test]
    fn what_is_in_no_language_that_we_know() {
        let said = |name: &str| unknown(Path::new(name));
        let ruby = said("a.rb").unwrap_or_default();
        assert!(ruby.contains("not WebAssembly, and .rb is no language"), "{ruby}");
        let rust = said("src/lib.rs").unwrap_or_default();
        assert!(rust.contains("the folder with its Cargo.toml"), "{rust}");
        for name in ["a.wasm", "README.md", "a"] {
            assert_eq!(said(name), None, "{name}");
        }
    }
}
