//! One binary for all integration tests: it links once.

mod any_screen;
mod app_driver;
mod document;
mod files;
mod frame;
mod keys;
mod layers;
mod loopback;
mod rules;
mod s3;
mod sandbox;
mod screens;
mod settings;
mod store;
mod submit;
mod submit_command;
mod submit_terminal;
