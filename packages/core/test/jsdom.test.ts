// @vitest-environment jsdom
import { testInSimulatedBrowser } from './support/simulated-browser.ts'

testInSimulatedBrowser()
