//! The folder of everything that is embedded: its files, its lock and its root key.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clock::Sources;
use contracts::Secret;
use data_encoding::HEXLOWER;

use crate::disk;
use crate::error::{Error, Result};

/// The place of a data folder.
#[derive(Clone)]
pub(crate) struct DataFolder(PathBuf);

/// Held by the one process that serves from a folder; let go when dropped, also by `kill -9`.
pub(crate) struct DataFolderLock {
    _file: File,
}

impl DataFolder {
    /// The folder at `path`, whether it is there or not.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Makes the folder when it is missing, for its owner alone.
    pub(crate) fn make(&self) -> Result<()> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.0);
        Ok(made.with_context(|| format!("the data folder {} can't be made", self.0.display()))?)
    }

    /// Refuses a folder in which no platform has run before.
    pub(crate) fn check_used(&self) -> Result<()> {
        if self.database().is_file() {
            return Ok(());
        }
        let hint = "name another with --data, or make one with: lezzetlimani migrate";
        Err(Error::Refused(format!("there is no platform in the folder {}; {hint}", self.0.display())))
    }

    /// `outcome` of opening what lies in the folder; where there is no room on its disk, the error says so.
    pub(crate) fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        disk::explain(outcome, &self.0, || format!("the disk of the data folder {} is full", self.0.display()))
    }

    /// The database file.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("lezzetlimani.db")
    }

    /// Makes an empty database file when there is none, for its owner alone; SQLite gives its other files the same mode.
    pub(crate) fn make_database(&self) -> Result<()> {
        let file = self.database();
        let made = OpenOptions::new().append(true).create(true).mode(0o600).open(&file);
        made.with_context(|| format!("the database {} can't be opened", file.display()))?;
        Ok(())
    }

    /// The folder of the expiring store.
    pub(crate) fn ephemeral(&self) -> PathBuf {
        self.0.join("ephemeral")
    }

    fn key_file(&self) -> PathBuf {
        self.0.join("secret.key")
    }

    /// Makes this process the only one that serves from the folder.
    pub(crate) fn lock(&self) -> Result<DataFolderLock> {
        let path = self.0.join("lezzetlimani.lock");
        let failed = || format!("the data folder {} can't be locked", self.0.display());
        let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let mut file = file.with_context(failed)?;
        match file.try_lock() {
            Ok(()) => {
                write_pid(&file).with_context(failed)?;
                Ok(DataFolderLock { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                file.read_to_string(&mut pid).with_context(failed)?;
                let folder = self.0.display();
                Err(Error::Refused(format!("another process uses the data folder {folder} (pid {})", pid.trim())))
            }
            Err(TryLockError::Error(error)) => Err(error).with_context(failed)?,
        }
    }

    /// Refuses a root key without its database, as a restore leaves that went wrong: an empty platform would answer as if
    /// all was well. A first start makes the database before the key, so no crash leaves the key alone.
    pub(crate) fn check_restored(&self) -> Result<()> {
        let (key, database) = (self.key_file(), self.database());
        if database.exists() || !key.exists() {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "{} is missing beside {}: put back the database that belongs to this key, or move the key away to begin with \
             an empty one",
            database.display(),
            key.display()
        )))
    }

    /// The root key that stands in the folder; made at the first start, for a database that is still empty.
    pub(crate) fn secret_key(&self, sources: &Sources) -> Result<Secret> {
        let file = self.key_file();
        let database = fs::metadata(self.database()).map(|database| database.len());
        match fs::read_to_string(&file) {
            Ok(text) => self.check_key(text.trim()),
            Err(error) if error.kind() == ErrorKind::NotFound && database.is_ok_and(|length| length > 0) => {
                let file = file.display();
                Err(Error::Refused(format!(
                    "{file} is missing: put back the key that belongs to this folder, or set SECRET_KEY"
                )))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = HEXLOWER.encode(&sources.bytes::<32>());
                self.make_key(&key).with_context(|| format!("{} can't be written", file.display()))?;
                // Another process may have been faster; its key counts then.
                let text = fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?;
                self.check_key(text.trim())
            }
            Err(error) => Err(anyhow!(error).context(format!("{} can't be read", file.display())))?,
        }
    }

    fn check_key(&self, text: &str) -> Result<Secret> {
        match HEXLOWER.decode(text.as_bytes()) {
            Ok(bytes) if bytes.len() == 32 => Ok(Secret::new(text)),
            Ok(_) | Err(_) => Err(Error::Refused(format!(
                "{} is damaged: it does not hold 64 hexadecimal digits",
                self.key_file().display()
            ))),
        }
    }

    /// Whole and on the disk before it gets its name, and never in the place of another: what it sealed can't be opened
    /// without it.
    fn make_key(&self, key: &str) -> io::Result<()> {
        let draft = self.0.join(format!("secret.key.{}", std::process::id()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        writeln!(file, "{key}")?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, self.key_file());
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => File::open(&self.0)?.sync_all(),
        }
    }
}

fn write_pid(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}
