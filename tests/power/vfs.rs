//! A disk that remembers everything written to it: a SQLite VFS that passes every call on to the real one
//! and notes it in the journal, or fails it when the journal says so.
//!
//! It is made the default, so the real client and the real server open their databases through it
//! without knowing.

#![allow(unsafe_code, reason = "a VFS is a table of C functions; each calls the real one with what it was given")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::{align_of, size_of};
use std::path::{Path, PathBuf};
use std::ptr;
use std::slice;
use std::sync::OnceLock;

use rusqlite::ffi;

use crate::journal::{self, Op, Verdict};

/// One open file: SQLite's view of it, then ours; the real file lies behind it in the same piece of memory.
#[repr(C)]
struct Shim {
    base: ffi::sqlite3_file,
    /// Owned; freed when the file is closed. Null for files nobody names.
    path: *mut PathBuf,
}

const NAME: &CStr = c"remembering";

struct Real(*mut ffi::sqlite3_vfs);
// SAFETY: SQLite's own VFS objects are made to be used from any thread and are never changed after registration.
unsafe impl Send for Real {}
// SAFETY: as above.
unsafe impl Sync for Real {}

static REAL: OnceLock<Real> = OnceLock::new();

fn real() -> *mut ffi::sqlite3_vfs {
    REAL.get().map_or(ptr::null_mut(), |real| real.0)
}

/// Where the real file begins behind ours.
const fn behind() -> usize {
    size_of::<Shim>().next_multiple_of(align_of::<u64>())
}

/// Makes the remembering disk the one every database of this process is opened on.
pub fn install() {
    REAL.get_or_init(|| {
        // SAFETY: a null name asks for the default VFS; SQLite keeps the object alive for ever. The new one is
        // leaked for the same reason, and its size covers the shim and the real file behind it.
        unsafe {
            let real = ffi::sqlite3_vfs_find(ptr::null());
            let mut ours = *real;
            ours.iVersion = ours.iVersion.min(2);
            ours.zName = NAME.as_ptr();
            ours.pNext = ptr::null_mut();
            ours.szOsFile = c_int::try_from(behind()).unwrap_or(c_int::MAX) + (*real).szOsFile;
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1);
            Real(real)
        }
    });
}

/// SAFETY: `file` must be one that [`open`] filled in.
unsafe fn real_file(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: SQLite gave szOsFile bytes, and the real file begins there.
    unsafe { file.cast::<u8>().add(behind()).cast() }
}

/// SAFETY: as for [`real_file`].
unsafe fn path_of<'a>(file: *mut ffi::sqlite3_file) -> Option<&'a Path> {
    // SAFETY: the path lives until the file is closed, and SQLite closes a file after its last use.
    unsafe { (*file.cast::<Shim>()).path.as_ref().map(PathBuf::as_path) }
}

/// SAFETY: `name` is null or a C string.
unsafe fn to_path(name: *const c_char) -> Option<PathBuf> {
    // SAFETY: as the caller promises.
    (!name.is_null()).then(|| PathBuf::from(unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()))
}

/// Calls a method of the real file, or gives the error the journal wants.
macro_rules! pass_on {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let real = real_file($file);
        match (*(*real).pMethods).$method {
            Some(method) => method(real $(, $argument)*),
            None => ffi::SQLITE_IOERR,
        }
    }};
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    // SAFETY: SQLite's own arguments go on to SQLite's own VFS, with the piece of `file` that is the real one's.
    unsafe {
        let shim = file.cast::<Shim>();
        (*shim).base.pMethods = ptr::null();
        (*shim).path = ptr::null_mut();
        let path = to_path(name);
        let is_new = path.as_deref().is_some_and(|path| !path.exists());
        if let (Some(path), true) = (&path, is_new)
            && flags & ffi::SQLITE_OPEN_CREATE != 0
            && let Verdict::Fail(error) = journal::note(Op::Create { path: path.clone() })
        {
            return error.of(ffi::SQLITE_CANTOPEN);
        }
        let real_vfs = real();
        let Some(open) = (*real_vfs).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = open(real_vfs, name, real_file(file), flags, out);
        if !(*real_file(file)).pMethods.is_null() {
            (*shim).base.pMethods = &raw const METHODS;
            (*shim).path = path.map_or(ptr::null_mut(), |path| Box::into_raw(Box::new(path)));
        }
        code
    }
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    // SAFETY: as in `open`.
    unsafe {
        if let Some(path) = to_path(name).filter(|path| journal::hears_of(path) && path.exists()) {
            let op = Op::Remove { path, at_once: sync_dir != 0 };
            if let Verdict::Fail(error) = journal::note(op) {
                return error.of(ffi::SQLITE_IOERR_DELETE);
            }
        }
        let real_vfs = real();
        (*real_vfs).xDelete.map_or(ffi::SQLITE_IOERR, |delete| delete(real_vfs, name, sync_dir))
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: the path came from Box::into_raw in `open` and nobody uses it after this.
    unsafe {
        let code = pass_on!(file, xClose);
        let path = std::mem::replace(&mut (*file.cast::<Shim>()).path, ptr::null_mut());
        if !path.is_null() {
            drop(Box::from_raw(path));
        }
        code
    }
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, amount: c_int, at: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xRead, to, amount, at) }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, amount: c_int, at: i64) -> c_int {
    // SAFETY: SQLite promises `amount` bytes at `from`.
    unsafe {
        if let Some(path) = path_of(file).filter(|path| journal::hears_of(path)) {
            let bytes = slice::from_raw_parts(from.cast::<u8>(), usize::try_from(amount).unwrap_or(0)).to_vec();
            let at = u64::try_from(at).unwrap_or(0);
            match journal::note(Op::Write { path: path.to_owned(), at, bytes }) {
                Verdict::Pass => {}
                Verdict::Fail(error) => return error.of(ffi::SQLITE_IOERR_WRITE),
                Verdict::Short(amount) => {
                    pass_on!(file, xWrite, from, c_int::try_from(amount).unwrap_or(0), i64::try_from(at).unwrap_or(0));
                    return ffi::SQLITE_FULL;
                }
            }
        }
        pass_on!(file, xWrite, from, amount, at)
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        if let Some(path) = path_of(file) {
            let to = u64::try_from(size).unwrap_or(0);
            if let Verdict::Fail(error) = journal::note(Op::Truncate { path: path.to_owned(), to }) {
                return error.of(ffi::SQLITE_IOERR_TRUNCATE);
            }
        }
        pass_on!(file, xTruncate, size)
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    // SAFETY: as in `write`. The real disk need not be waited for: what is durable is what the journal says.
    unsafe {
        if let Some(path) = path_of(file)
            && let Verdict::Fail(error) = journal::note(Op::Sync { path: path.to_owned() })
        {
            return error.of(ffi::SQLITE_IOERR_FSYNC);
        }
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn size(file: *mut ffi::sqlite3_file, out: *mut i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xFileSize, out) }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xLock, level) }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xUnlock, level) }
}

unsafe extern "C" fn reserved(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xCheckReservedLock, out) }
}

unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, op: c_int, argument: *mut c_void) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xFileControl, op, argument) }
}

unsafe extern "C" fn sector(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xSectorSize) }
}

/// A disk that promises nothing: no atomic writes, no order, no power-safe overwrite.
unsafe extern "C" fn promises(_: *mut ffi::sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xShmMap, page, size, extend, out) }
}

unsafe extern "C" fn shm_lock(file: *mut ffi::sqlite3_file, offset: c_int, count: c_int, flags: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xShmLock, offset, count, flags) }
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    // SAFETY: passed on as it came.
    unsafe {
        let real = real_file(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, remove: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe { pass_on!(file, xShmUnmap, remove) }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(reserved),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(promises),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};
