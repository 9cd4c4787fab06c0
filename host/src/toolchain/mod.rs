//! From sources to a component: finds the language of a path, sees to the language's own tools, runs them,
//! and keeps what they made.
//!
//! ```text
//! path ─► find ─► Project ─► kept? ─► component
//!                               │ no
//!                               ▼
//!                            recipe (a file for each language): tools installed, command run, report read
//! ```
//!
//! What the tools are and how they are run is known to the recipes alone; everything around them (the folder
//! of the cache, locks, progress, what a build depends on) to nobody but the rest.

mod assemblyscript;
mod c;
mod command;
mod depends;
mod described;
mod embedded;
mod find;
mod go;
mod javascript;
mod kit;
mod new;
mod node;
mod pip;
mod python;
mod recipe;
mod rust;
mod wat;
mod zig;

pub use described::{Described, Method};
pub use find::{Found, find, unknown, what_may_be_named};
pub use kit::Kit;
pub use new::{create, languages};

use command::Command;
use depends::Depends;
use embedded::{add, short};
use recipe::{Job, Recipe, Unit};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// What goes on while something is built.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'p> {
    /// Something to be read, once.
    Line(&'p str),
    /// This goes on, for so many seconds by now.
    Working(&'p str, u64),
}

/// Who hears of it.
pub type Tell<'t> = &'t mut (dyn FnMut(Progress<'_>) + Send);

/// Sources that become a component. Copies share what they know.
#[derive(Debug, Clone)]
pub struct Project {
    language: Language,
    path: PathBuf,
    /// The engine that was chosen, where it is not the usual one.
    engine: Option<&'static str>,
    known: Arc<Mutex<Known>>,
}

#[derive(Clone, Copy)]
struct Language(&'static Recipe);

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.name)
    }
}

/// What the latest build has shown.
#[derive(Debug, Default)]
struct Known {
    depends: Depends,
    /// It has failed: a file may be missing that is about to be written.
    failed: bool,
    /// Builds so far.
    builds: u64,
    /// What the files looked like that were built.
    built: u64,
}

/// What a project looks like at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// How many builds came before: another one may depend on other files.
    pub builds: u64,
    /// Equal where nothing was written since.
    pub files: u64,
}

impl Look {
    /// That of a file that needs no building.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        Self { builds: 0, files: Depends::on([file.to_owned()]).look(None) }
    }
}

/// A component, and how it came about.
#[derive(Debug)]
pub struct Built {
    /// The component, or a core module.
    pub bytes: Vec<u8>,
    /// The commands that were run; none where it was kept from an earlier time.
    pub ran: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

impl Project {
    fn new(recipe: &'static Recipe, path: PathBuf) -> Self {
        let depends = match recipe.unit {
            Unit::File | Unit::Ready => Depends::on([path.clone()]),
            Unit::Folder => Depends::on_folder(&path, &[]),
        };
        let built = depends.look(None);
        let known = Known { depends, built, ..Known::default() };
        Self { language: Language(recipe), path, engine: None, known: Arc::new(Mutex::new(known)) }
    }

    /// The same, for another engine of its language.
    ///
    /// # Errors
    /// Its language has no such engine.
    pub fn with_engine(self, engine: &str) -> Result<Self, String> {
        let Recipe { title, engines, .. } = self.language.0;
        let path = self.path.display();
        match engines.iter().position(|known| *known == engine) {
            Some(place) => Ok(Self { engine: (place > 0).then(|| engines[place]), ..self }),
            None if engines.is_empty() => {
                Err(format!("{path:?} is in {title}, which leaves no engine to choose"))
            }
            None => {
                Err(format!("{path:?} is in {title}, whose engines are {}", engines.join(", ")))
            }
        }
    }

    /// The engine that was chosen, where it is not the usual one of its language.
    #[must_use]
    pub fn engine(&self) -> Option<&'static str> {
        self.engine
    }

    /// Its language, as it is typed.
    #[must_use]
    pub fn language(&self) -> &'static str {
        self.language.0.name
    }

    /// Its language, for people.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.language.0.title
    }

    /// The scenario's file, or its folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it looks like now, as far as its builds depend on it.
    #[must_use]
    pub fn look(&self) -> Look {
        let known = self.known();
        Look { builds: known.builds, files: self.watched(&known).look(None) }
    }

    /// What it looked like when it was last built: another look differs if something was written since.
    #[must_use]
    pub fn built_look(&self) -> Look {
        let known = self.known();
        Look { builds: known.builds, files: known.built }
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Builds it, or finds it built: with `kit` only what has changed is built again.
    ///
    /// # Errors
    /// Its tools are missing, or it does not build: then with the compiler's own words, on several lines.
    pub async fn build(&self, kit: &Kit, tell: Tell<'_>) -> Result<Built, String> {
        let (began, started) = (SystemTime::now(), Instant::now());
        let name = self.name();
        if self.language.0.unit == Unit::File
            && let Some(files) = kit.files(&name)
        {
            let depends = Depends::on(files);
            if let Some(bytes) = digest(&name, &depends).and_then(|digest| kit.component(&digest)) {
                self.learn(Some(depends), began);
                return Ok(Built { bytes, ran: Vec::new(), took: started.elapsed() });
            }
        }
        // What was written just before could not be told from what is written meanwhile.
        tokio::time::sleep(depends::TICK * 2).await;
        let began = SystemTime::now();
        let scratch = kit.scratch()?;
        let (path, engine, ran) = (self.path.as_path(), self.engine, Vec::new());
        let mut job = Job { path, engine, kit, scratch: &scratch, tell, ran };
        let made = (self.language.0.build)(&mut job).await;
        let ran = std::mem::take(&mut job.ran);
        let made = made.inspect_err(|_| self.learn(None, began))?;
        self.learn(Some(made.depends.clone()), began);
        for line in made.warnings.lines() {
            job.line(line);
        }
        let bytes =
            std::fs::read(&made.file).map_err(|error| kit::cannot("read", &made.file, &error))?;
        if self.language.0.unit == Unit::File
            && let Some(digest) = digest(&name, &made.depends)
            && made.depends.look(None) == self.built_look().files
        {
            kit.keep((&name, made.depends.files()), (&digest, &bytes));
        }
        Ok(Built { bytes, ran, took: started.elapsed() })
    }

    /// The files whose changes may matter.
    fn watched(&self, known: &Known) -> Depends {
        if !known.failed {
            return known.depends.clone();
        }
        let recipe = self.language.0;
        let around = match recipe.unit {
            Unit::Folder => Depends::on_folder(&self.path, recipe.extensions),
            Unit::File | Unit::Ready => Depends::around(&self.path, recipe.extensions),
        };
        known.depends.and(&around)
    }

    /// What a build has shown: what its component depends on, or nothing where it failed.
    fn learn(&self, depends: Option<Depends>, began: SystemTime) {
        let mut known = self.known();
        known.builds += 1;
        known.failed = depends.is_none();
        known.depends = depends.unwrap_or_else(|| std::mem::take(&mut known.depends));
        known.built = self.watched(&known).look(Some(began));
    }

    /// What its component is kept under: everything that it depends on but its files. Paths appear in what it
    /// says of its errors.
    fn name(&self) -> String {
        let mut sha = Sha256::new();
        let whole = self.path.canonicalize().unwrap_or_default();
        add(&mut sha, self.language.0.name.as_bytes());
        add(&mut sha, self.engine.unwrap_or_default().as_bytes());
        add(&mut sha, embedded::digest(self.language.0.carried).as_bytes());
        add(&mut sha, self.path.as_os_str().as_encoded_bytes());
        add(&mut sha, whole.as_os_str().as_encoded_bytes());
        short(sha)
    }
}

/// All engines that a language lets choose among, the usual ones first.
#[must_use]
pub fn engines() -> Vec<&'static str> {
    let mut all = Vec::new();
    for engine in recipe::RECIPES.iter().flat_map(|recipe| recipe.engines) {
        if !all.contains(engine) {
            all.push(*engine);
        }
    }
    all
}

/// Of everything that a component depends on; nothing where a file is gone.
fn digest(name: &str, depends: &Depends) -> Option<String> {
    let mut sha = Sha256::new();
    add(&mut sha, name.as_bytes());
    depends.digest(&mut sha).ok()?;
    Some(short(sha))
}

/// Runs the commands that install tools, and says so.
async fn install(job: &mut Job<'_>, what: &str, commands: &[Command]) -> Result<(), String> {
    job.line(&format!("installing {what}; this is done once"));
    for command in commands {
        let line = command.line();
        job.line(&format!("  {line}"));
        let said = command.run("installing", job.tell).await;
        let program = line.split(' ').next().unwrap_or_default();
        let said = said.map_err(|error| format!("cannot run {program}: {error}"))?;
        if !said.good() {
            let words = said.words();
            return Err(format!(
                "cannot install {what} ({}):\n{words}\nthe command was: {line}",
                said.status
            ));
        }
    }
    Ok(())
}
