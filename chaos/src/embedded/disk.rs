//! A small disk under the data folder, which can be full.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Enough for a run of a thousand faults.
const SIZE: &str = "size=256m";
/// What is written at once, first and last.
const PIECES: [usize; 2] = [1 << 20, 1 << 9];

/// A mounted disk in memory; dropped, it is unmounted, and with it goes all that it holds.
pub(super) struct SmallDisk {
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one on `folder`, which takes root and a machine that lets it.
    pub(super) fn mount(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        run(Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(folder))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Takes all the room that is left.
    pub(super) fn fill(&self) -> io::Result<()> {
        let mut ballast = File::create(self.ballast())?;
        for piece in PIECES.map(|size| vec![0; size]) {
            loop {
                match ballast.write(&piece) {
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Gives it back.
    pub(super) fn free(&self) -> io::Result<()> {
        fs::remove_file(self.ballast())
    }

    /// Leaves it mounted for whoever wants to see what is on it.
    pub(super) fn keep(self) {
        std::mem::forget(self);
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // It goes as soon as nobody uses it any more; there is nobody left to hear that it did not.
        let _ = run(Command::new("umount").arg("--lazy").arg(&self.folder));
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let done = command.output()?;
    let said = || io::Error::other(String::from_utf8_lossy(&done.stderr).trim().to_owned());
    if done.status.success() { Ok(()) } else { Err(said()) }
}
