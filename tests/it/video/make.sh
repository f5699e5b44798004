#!/usr/bin/env bash
# Makes the tiny videos of assets/samples/video, and prints what ffprobe says of each, to compare with the table in mod.rs.
# The files are committed: tests need no FFmpeg. Run it from anywhere; made with FFmpeg 5.1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../../assets/samples/video"
rm -f -- *

# Six frames in 12 seconds: all that matters is in the headers.
picture() { echo -f lavfi -i "color=navy:size=$1:rate=1/2:duration=12"; }
sound=(-f lavfi -i "anullsrc=sample_rate=8000:channel_layout=mono" -t 12)
h264=(-c:v libx264 -preset veryslow -x264-params "keyint=3:no-info=1" -pix_fmt yuv420p)
aac=(-c:a aac -b:a 8k)
make() { ffmpeg -nostdin -loglevel error -y "${@:1:$#-1}" -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 "${@: -1}"; }

av=($(picture 64x36) "${sound[@]}" -shortest "${h264[@]}" "${aac[@]}")
silent=($(picture 64x36) "${h264[@]}")

make "${av[@]}" -movflags +faststart faststart.mp4
make "${av[@]}" moov-at-end.mp4
make "${silent[@]}" no-audio.mp4
make "${sound[@]}" "${aac[@]}" audio-only.mp4
make "${sound[@]}" "${aac[@]}" audio-only.m4a
make "${av[@]}" -movflags +frag_keyframe+empty_moov+default_base_moof fragmented.mp4
make "${av[@]}" -movflags +frag_keyframe+empty_moov+default_base_moof+skip_trailer fragmented-bare.mp4
make "${av[@]}" -movflags +frag_keyframe+dash+global_sidx fragmented-sidx.mp4
make "${silent[@]}" -movflags +frag_keyframe+dash fragmented-sidx-each.mp4
make "${silent[@]}" -movflags +frag_keyframe fragmented-late.mp4
make $(picture 64x36) "${h264[@]}" -vf setsar=4/3 anamorphic.mp4
make "${silent[@]}" portrait-plain.mp4
# Newer versions of FFmpeg want `-display_rotation -90` before the input instead.
make -i portrait-plain.mp4 -c copy -metadata:s:v rotate=90 rotated.mp4
rm portrait-plain.mp4
make "${av[@]}" edited-plain.mp4
make -ss 3.3 -i edited-plain.mp4 -c copy edit-list.mp4
rm edited-plain.mp4
make "${av[@]}" camera.mov
make $(picture 64x36) -c:v mjpeg -pix_fmt yuvj420p mjpeg.mov
make $(picture 64x36) -c:v prores_ks -pix_fmt yuv422p10le -t 2 prores.mov
make $(picture 64x36) -r 25 -t 0.08 -c:v mpeg4 -timecode 00:00:00:00 timecode.mov
make $(picture 64x36) -c:v mpeg4 -t 2 phone.3gp
make "${silent[@]}" -c:v libx265 -x265-params "log-level=none:info=0" hevc.mp4
make "${av[@]}" plain.mkv
make "${silent[@]}" -vf setsar=4/3 anamorphic.mkv
make "${av[@]}" -f matroska -live 1 live.mkv
make "${sound[@]}" "${aac[@]}" audio-only.mka
make $(picture 64x36) "${sound[@]}" -shortest -c:v libvpx-vp9 -c:a libopus -ar 8000 plain.webm
make $(picture 64x36) -c:v libvpx -f webm -live 1 live.webm
make $(picture 64x36) -c:v mpeg4 -t 2 plain.avi
make $(picture 64x36) -c:v mpeg4 -t 2 -f mpegts plain.ts
make $(picture 64x36) -c:v mpeg1video -r 25 -t 0.08 -f mpeg plain.mpg
make $(picture 64x36) -c:v flv -t 2 plain.flv
make $(picture 64x36) -c:v wmv2 -t 2 plain.wmv
make $(picture 64x36) -c:v libtheora -t 2 plain.ogv
make $(picture 64x36) -c:v mpeg2video -r 25 -t 0.04 -f mxf plain.mxf
make -f lavfi -i anullsrc=sample_rate=8000:channel_layout=mono -t 0.3 -c:a libmp3lame -write_xing 0 -id3v2_version 0 bare.mp3
make -f lavfi -i anullsrc=sample_rate=8000:channel_layout=mono -t 0.3 -c:a libmp3lame tagged.mp3
make -f lavfi -i anullsrc=sample_rate=8000:channel_layout=mono -t 0.1 plain.wav
make -f lavfi -i anullsrc=sample_rate=8000:channel_layout=mono -t 0.5 "${aac[@]}" plain.aac

# What no muxer writes on purpose.
head -c 1000 moov-at-end.mp4 > cut.mp4
head -c "$(($(stat -c %s faststart.mp4) - 200))" faststart.mp4 > cut-behind-moov.mp4

for file in *; do
    echo "== $file, $(stat -c %s "$file") bytes"
    command -v ffprobe >/dev/null || continue
    ffprobe -loglevel error -show_entries \
        format=format_name,duration:stream=codec_type,width,height,sample_aspect_ratio,duration:stream_side_data=rotation \
        -of compact "$file" 2>&1 | cut -c 1-200 || true
done
