//! One grey picture of bounded size: all that a decoder needs of what a camera sees.

use std::fmt;

use thiserror::Error;

/// The longest side of a frame. A laptop camera gives 1280 to 1920, a photograph from a phone up
/// to 4000; anything beyond is a mistake or an attempt to fill the memory.
pub const FRAME_SIDE_PIXELS_MAX: u32 = 4096;

/// An 8-bit grey picture, rows from the top, no padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Luma {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

/// Why some bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadFrame {
    /// A side is zero or longer than [`FRAME_SIDE_PIXELS_MAX`].
    #[error("a frame of {width} by {height} pixels is outside 1 to {FRAME_SIDE_PIXELS_MAX}")]
    Size { width: u32, height: u32 },
    /// The bytes do not fill the rectangle, or overflow it.
    #[error("a frame needs {needed} bytes and was given {given}")]
    Length { needed: usize, given: usize },
}

impl Luma {
    /// Takes the bytes of a grey picture.
    ///
    /// # Errors
    /// When a side is out of bounds or the bytes do not fill the rectangle exactly.
    pub fn new(width: u32, height: u32, bytes: Vec<u8>) -> Result<Self, BadFrame> {
        let needed = pixel_count(width, height)?;
        if bytes.len() != needed {
            return Err(BadFrame::Length { needed, given: bytes.len() });
        }
        Ok(Self { width, height, bytes })
    }

    /// A frame of one shade of grey.
    ///
    /// # Errors
    /// When a side is out of bounds.
    pub fn blank(width: u32, height: u32, shade: u8) -> Result<Self, BadFrame> {
        Ok(Self { width, height, bytes: vec![shade; pixel_count(width, height)?] })
    }

    /// What a camera sees of a wall: nothing, in a middling light.
    #[must_use]
    pub fn wall() -> Self {
        let (width, height) = (640, 480);
        Self { width, height, bytes: vec![190; (width * height) as usize] }
    }

    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The grey values, rows from the top.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of pixels.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.bytes.len()
    }

    /// The rows from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.width as usize)
    }

    /// The frame made smaller by a whole number, each pixel the mean of a square, so that it is at
    /// most `width_max` wide. A frame that is narrow enough comes back as it is.
    #[must_use]
    pub fn narrowed(&self, width_max: u32) -> Self {
        let factor = self.width.div_ceil(width_max.max(1));
        let (width, height) = (self.width / factor.max(1), self.height / factor.max(1));
        if factor <= 1 || width == 0 || height == 0 {
            return self.clone();
        }
        let (side, area) = (factor as usize, factor * factor);
        let mut bytes = Vec::with_capacity((width * height) as usize);
        let mut columns = vec![0_u32; self.width as usize];
        for band in self.bytes.chunks_exact(self.width as usize * side).take(height as usize) {
            columns.fill(0);
            for row in band.chunks_exact(self.width as usize) {
                columns.iter_mut().zip(row).for_each(|(sum, shade)| *sum += u32::from(*shade));
            }
            let squares = columns.chunks_exact(side).take(width as usize);
            let means = squares.map(|square| square.iter().sum::<u32>() / area);
            bytes.extend(means.map(|mean| u8::try_from(mean).unwrap_or(u8::MAX)));
        }
        Self { width, height, bytes }
    }
}

/// A frame may show a face or a card, so only its size is ever written to a log.
impl fmt::Debug for Luma {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Luma({}x{})", self.width, self.height)
    }
}

/// How many pixels a frame of this size has, once the size is known to be acceptable.
pub(crate) fn pixel_count(width: u32, height: u32) -> Result<usize, BadFrame> {
    let sides = 1..=FRAME_SIDE_PIXELS_MAX;
    if sides.contains(&width) && sides.contains(&height) {
        Ok(width as usize * height as usize)
    } else {
        Err(BadFrame::Size { width, height })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_neither_empty_nor_huge_nor_ragged() {
        assert_eq!(Luma::blank(0, 4, 0), Err(BadFrame::Size { width: 0, height: 4 }));
        assert_eq!(Luma::blank(4097, 1, 0), Err(BadFrame::Size { width: 4097, height: 1 }));
        assert_eq!(Luma::new(2, 2, vec![0; 5]), Err(BadFrame::Length { needed: 4, given: 5 }));
        assert!(Luma::blank(4096, 4096, 7).is_ok());
    }

    #[test]
    fn narrowing_takes_the_mean_of_each_square() -> Result<(), BadFrame> {
        let frame = Luma::new(4, 2, vec![0, 10, 200, 200, 20, 30, 200, 204])?;
        assert_eq!(frame.narrowed(2), Luma::new(2, 1, vec![15, 201])?);
        assert_eq!(frame.narrowed(4), frame);
        // A side that does not divide loses its last pixels.
        let odd = Luma::new(5, 3, (0..15).collect())?;
        assert_eq!(odd.narrowed(3), Luma::new(2, 1, vec![3, 5])?);
        assert_eq!(Luma::blank(1280, 720, 9)?.narrowed(640), Luma::blank(640, 360, 9)?);
        Ok(())
    }

    #[test]
    fn narrowing_never_loses_the_frame() -> Result<(), BadFrame> {
        let strip = Luma::blank(4096, 1, 3)?;
        assert_eq!(strip.narrowed(640), strip);
        assert_eq!(strip.narrowed(0), strip);
        Ok(())
    }

    #[test]
    fn a_frame_keeps_its_content_out_of_logs() -> Result<(), BadFrame> {
        assert_eq!(format!("{:?}", Luma::blank(3, 2, 65)?), "Luma(3x2)");
        Ok(())
    }
}
