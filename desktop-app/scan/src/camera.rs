//! Real cameras, through nokhwa, with none of its picture decoding.
//!
//! Deliberately absent: exposure, focus and other controls; the defaults of every camera tried read
//! a card, and a control left askew outlives the program.

use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nokhwa::NokhwaError;
use nokhwa::pixel_format::LumaFormat;
use nokhwa::utils::{
    ApiBackend, CameraFormat, CameraIndex, CameraInfo, FrameFormat, RequestedFormat, RequestedFormatType,
};
use tracing::{debug, info, warn};

use crate::camera_error::what_is_wrong;
use crate::frame::Luma;
use crate::pixels::{PixelFormat, to_luma};
use crate::source::{FrameSource, SourceError};
use crate::watched::{Device, Patience, Watched};

/// A chip card's code fills enough pixels at this size; larger frames only take longer to decode.
const WIDTH_PIXELS_WANTED: u32 = 1280;
const HEIGHT_PIXELS_WANTED: u32 = 720;

/// Below this a card has to be held still for too long.
const FRAMES_PER_SECOND_MIN: u32 = 10;

/// A webcam drops or tears a frame now and then; a second of nothing else is a fault.
const BAD_FRAMES_IN_A_ROW_MAX: u32 = 30;

const PATIENCE: Patience = Patience { first: Duration::from_secs(10), next: Duration::from_secs(2) };

/// Asking a driver what it has can hang like everything else it does.
const LISTING_TIME_MAX: Duration = Duration::from_secs(5);

/// Which camera to open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CameraChoice {
    /// The first that opens.
    #[default]
    First,
    /// By name, since numbers change whenever a camera is plugged in again.
    Named(String),
}

/// A camera that could be opened, or could be if no other program held it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraSeen {
    pub name: String,
    pub in_use: bool,
}

/// A camera being watched.
#[derive(Debug)]
pub struct Camera {
    watched: Watched,
}

impl Camera {
    /// Begins to open a camera and returns at once; what goes wrong is said by the first
    /// [`FrameSource::next`].
    ///
    /// # Errors
    /// When earlier cameras hang in their drivers and no further try is worth making.
    pub fn open(choice: CameraChoice) -> Result<Self, SourceError> {
        let open = move || match open_chosen(&choice) {
            Ok(webcam) => Ok(Box::new(webcam) as Box<dyn Device>),
            Err(error) => Err(error),
        };
        Ok(Self { watched: Watched::start(PATIENCE, open)? })
    }
}

impl FrameSource for Camera {
    fn next(&mut self) -> Result<Luma, SourceError> {
        self.watched.next()
    }

    fn describe(&self) -> String {
        self.watched.describe()
    }
}

/// The cameras that can be chosen from. On Linux each is opened to find out: half of the nodes a
/// camera shows there carry no picture.
///
/// # Errors
/// When there is no camera, or the drivers do not answer.
pub fn list_cameras() -> Result<Vec<CameraSeen>, SourceError> {
    let (answer, heard) = channel();
    thread::Builder::new()
        .name("camera list".to_owned())
        .spawn(move || {
            let seen = catch_unwind(|| Ok(known()?.iter().filter_map(seen).collect()));
            let _ = answer.send(seen.unwrap_or(Err(SourceError::Refused)));
        })
        .map_err(|_| SourceError::Refused)?;
    heard.recv_timeout(LISTING_TIME_MAX).unwrap_or(Err(SourceError::Stalled))
}

fn known() -> Result<Vec<CameraInfo>, SourceError> {
    let known = nokhwa::query(ApiBackend::Auto).map_err(|error| reported(&error))?;
    if known.is_empty() { Err(SourceError::NoCamera) } else { Ok(known) }
}

fn seen(info: &CameraInfo) -> Option<CameraSeen> {
    let name = info.human_name();
    if !cfg!(target_os = "linux") {
        return Some(CameraSeen { name, in_use: false });
    }
    match open_node(info.index()) {
        Ok(_) => Some(CameraSeen { name, in_use: false }),
        Err(SourceError::Busy) => Some(CameraSeen { name, in_use: true }),
        Err(error) => {
            debug!(%error, node = %info.index(), "not a camera that can be chosen");
            None
        }
    }
}

fn open_chosen(choice: &CameraChoice) -> Result<Webcam, SourceError> {
    if !nokhwa::nokhwa_check() {
        // macOS asks its person now; a later try finds the answer.
        nokhwa::nokhwa_initialize(|allowed| info!(allowed, "asked for the camera"));
        return Err(SourceError::PermissionDenied);
    }
    let mut most_telling = SourceError::NoCamera;
    for info in known()? {
        let wanted = match choice {
            CameraChoice::First => true,
            CameraChoice::Named(name) => info.human_name() == *name,
        };
        if !wanted {
            continue;
        }
        match open_node(info.index()) {
            Ok(camera) => return Ok(Webcam { camera, name: info.human_name() }),
            Err(error) if tells(&error) > tells(&most_telling) => most_telling = error,
            Err(_) => {}
        }
    }
    Err(most_telling)
}

/// When several nodes fail, the one a person can do something about is spoken of.
fn tells(error: &SourceError) -> u8 {
    match error {
        SourceError::PermissionDenied => 4,
        SourceError::Busy => 3,
        SourceError::Refused | SourceError::Stalled => 2,
        SourceError::NoUsableFormat | SourceError::Unplugged => 1,
        SourceError::NoCamera
        | SourceError::PathMissing { .. }
        | SourceError::Unreadable { .. }
        | SourceError::Ended => 0,
    }
}

fn open_node(index: &CameraIndex) -> Result<nokhwa::Camera, SourceError> {
    // nokhwa's own `Closest` finds nothing unless the very size asked for is offered, so the
    // camera is opened as it is, and asked what it can do.
    let any = RequestedFormat::new::<LumaFormat>(RequestedFormatType::None);
    let mut camera = nokhwa::Camera::new(index.clone(), any).map_err(|error| reported(&error))?;
    let offered = camera.compatible_camera_formats().unwrap_or_default();
    if let Some(best) = best_of(&offered)
        && best != camera.camera_format()
    {
        let exactly = RequestedFormat::new::<LumaFormat>(RequestedFormatType::Exact(best));
        if let Err(error) = camera.set_camera_requset(exactly) {
            debug!(%error, "the camera keeps the format it had");
            drop(camera);
            camera = nokhwa::Camera::new(index.clone(), any).map_err(|error| reported(&error))?;
        }
    }
    Ok(camera)
}

/// The format nearest to what is wanted, among those with enough frames a second; of two alike,
/// the one that is cheaper to turn into grey.
fn best_of(offered: &[CameraFormat]) -> Option<CameraFormat> {
    let wanted = i64::from(WIDTH_PIXELS_WANTED) * i64::from(HEIGHT_PIXELS_WANTED);
    offered.iter().copied().min_by_key(|format| {
        let pixels = i64::from(format.width()) * i64::from(format.height());
        let price = match format.format() {
            FrameFormat::GRAY => 0,
            FrameFormat::NV12 => 1,
            FrameFormat::YUYV => 2,
            FrameFormat::MJPEG => 3,
            FrameFormat::RAWRGB | FrameFormat::RAWBGR => 4,
        };
        // Some Windows cameras say one frame a second and give thirty.
        let slow = (2..FRAMES_PER_SECOND_MIN).contains(&format.frame_rate());
        (slow, (pixels - wanted).abs(), price, u32::MAX - format.frame_rate())
    })
}

struct Webcam {
    camera: nokhwa::Camera,
    name: String,
}

impl Device for Webcam {
    fn grab(&mut self) -> Result<Luma, SourceError> {
        if !self.camera.is_stream_open() {
            self.camera.open_stream().map_err(|error| reported(&error))?;
            info!(camera = %self.name, format = %self.camera.camera_format(), "camera open");
        }
        for _ in 0..BAD_FRAMES_IN_A_ROW_MAX {
            let buffer = self.camera.frame().map_err(|error| reported(&error))?;
            let format = match buffer.source_frame_format() {
                FrameFormat::YUYV => PixelFormat::Yuyv,
                FrameFormat::NV12 => PixelFormat::Nv12,
                FrameFormat::GRAY => PixelFormat::Grey,
                FrameFormat::MJPEG => PixelFormat::Mjpeg,
                FrameFormat::RAWRGB => PixelFormat::Rgb,
                FrameFormat::RAWBGR => PixelFormat::Bgr,
            };
            let size = buffer.resolution();
            match to_luma(format, size.width(), size.height(), buffer.buffer()) {
                Ok(frame) => return Ok(frame),
                Err(error) => debug!(%error, ?format, "a frame was skipped"),
            }
        }
        Err(SourceError::NoUsableFormat)
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

fn reported(error: &NokhwaError) -> SourceError {
    let meant = what_is_wrong(error);
    warn!(%error, meant = %meant, "camera");
    meant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(width: u32, height: u32, format: FrameFormat, rate: u32) -> CameraFormat {
        CameraFormat::new_from(width, height, format, rate)
    }

    #[test]
    fn a_usual_webcam_is_opened_at_720p_and_full_speed() {
        let motion_jpeg = offer(1280, 720, FrameFormat::MJPEG, 30);
        let offered = [
            offer(640, 480, FrameFormat::YUYV, 30),
            offer(1280, 720, FrameFormat::YUYV, 5),
            offer(1280, 720, FrameFormat::MJPEG, 15),
            motion_jpeg,
            offer(1920, 1080, FrameFormat::MJPEG, 30),
        ];
        assert_eq!(best_of(&offered), Some(motion_jpeg));
    }

    #[test]
    fn of_two_formats_alike_the_cheaper_is_taken() {
        let plain = offer(1280, 720, FrameFormat::YUYV, 30);
        let offered = [offer(1280, 720, FrameFormat::MJPEG, 30), plain];
        assert_eq!(best_of(&offered), Some(plain));
    }

    #[test]
    fn a_slow_camera_is_better_than_none_and_a_liar_is_believed() {
        let slow = offer(640, 480, FrameFormat::YUYV, 5);
        assert_eq!(best_of(&[slow]), Some(slow));
        let liar = offer(1280, 720, FrameFormat::NV12, 1);
        assert_eq!(best_of(&[slow, liar]), Some(liar));
        assert_eq!(best_of(&[]), None);
    }

    #[test]
    fn what_a_person_can_act_on_is_said_first() {
        assert!(tells(&SourceError::PermissionDenied) > tells(&SourceError::Busy));
        assert!(tells(&SourceError::Busy) > tells(&SourceError::NoUsableFormat));
        assert!(tells(&SourceError::NoUsableFormat) > tells(&SourceError::NoCamera));
    }

    #[test]
    fn listing_cameras_always_comes_to_an_end() {
        // Whatever this machine has: an answer, and no panic.
        let _ = list_cameras();
    }
}
