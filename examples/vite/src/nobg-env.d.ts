/* eslint-disable */
// biome-ignore-all lint: generated
// biome-ignore-all format: generated
// Types of the images that this project imports with ?nobg. nobg writes this file: commit it, and do not edit it.
/// <reference types="unplugin-nobg/client" />
