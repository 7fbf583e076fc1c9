# SPDX-License-Identifier: LGPL-2.1-or-later
"""As much of the WebDriver protocol (https://www.w3.org/TR/webdriver2/) as the test of a page needs:
a headless Chromium by its chromedriver, elements by CSS selector, scripts, pictures. Every wait has a
deadline."""

import base64
import json
import subprocess
import time
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    def __init__(self, profile, log, timeout=30):
        self.timeout = timeout
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=log,
                                       text=True)
        self.base = f"http://127.0.0.1:{self._port()}"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            "--window-size=1400,900", f"--user-data-dir={profile}"]}
        session = self._call("POST", "/session", {
            "capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}})
        self.base += f"/session/{session['sessionId']}"

    def _port(self):
        for line in self.driver.stdout:
            if "successfully on port " in line:
                return int(line.split("on port ")[1].strip(" .\n"))
        raise RuntimeError("chromedriver has ended")

    def _call(self, verb, path, body=None):
        data = json.dumps(body if body is not None else {}).encode() if verb == "POST" else None
        request = urllib.request.Request(self.base + path, data, method=verb,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise RuntimeError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def close(self):
        try:
            self._call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(10)

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        return self._call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, what, script, *arguments):
        """Waits until the script returns something true, and returns it."""
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            value = self.run(script, *arguments)
            if value:
                return value
            time.sleep(0.05)
        raise AssertionError(f"not seen within {self.timeout} s: {what}\n"
                             + self.run("return document.body.innerText"))

    def _find(self, selector):
        return self._call("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self._call("POST", f"/element/{self._find(selector)}/click")

    def type(self, selector, text):
        self._call("POST", f"/element/{self._find(selector)}/value", {"text": text})

    def picture_of(self, selector, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._call("GET", f"/element/{self._find(selector)}/screenshot")))

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self._call("GET", "/screenshot")))
