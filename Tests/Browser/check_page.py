"""Opens pages of `graft report` in a real browser and uses them as a reader does.

check_page.py --graft BINARY --data FOLDER --out FOLDER
"""

import argparse
import base64
import gzip
import json
import subprocess
import sys
import time
from pathlib import Path

from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import colours
from digits import DIGITS

# Networks of blocks that are trained and embedded.
FAMILIES = ["resnet9", "mobilenet-v2"]
NAME = "x</script><img src=x onerror=alert(1)>"


class Check:
    """Says what holds, and at the end whether all did."""

    def __init__(self):
        self.failures = []

    def __call__(self, what, holds, detail=""):
        print(f"  {'ok  ' if holds else 'FAIL'} {what}{f': {detail}' if detail != '' else ''}", flush=True)
        if not holds:
            self.failures.append(what)


def browser(width=1280, height=900):
    options = Options()
    options.binary_location = next(path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists())
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))


def emulate(driver, width, height, scheme):
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def screenshot(driver, path, width, height):
    # What sticks to the window's edge would lie in the middle of a picture that is longer than the window.
    driver.execute_script("document.querySelector('.contents').style.position = 'static'")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    path.write_bytes(base64.b64decode(shot["data"]))


def requests(driver):
    """Addresses that were asked for since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]


def opens(driver, check, page):
    driver.get_log("browser")
    requests(driver)
    begin = time.monotonic()
    driver.get(page.as_uri())
    seconds = time.monotonic() - begin
    timing = "return performance.getEntriesByType('navigation')[0].loadEventEnd / 1000"
    print(f"       {page.stat().st_size / 1e6:.2f} MB, loaded after {driver.execute_script(timing):.2f} s ({seconds:.2f} s as seen from outside)")
    check("the console is empty", driver.get_log("browser") == [])
    return page


def asks_nothing(driver, check):
    outside = [url for url in requests(driver) if not url.startswith(("file:", "data:"))]
    check("no request leaves the page", outside == [], outside)
    check("the console is still empty", (log := driver.get_log("browser")) == [], log or "")


def is_accessible(driver, check, what):
    found = Axe().run(driver)["violations"]
    serious = [(each["id"], len(each["nodes"]), each["nodes"][0]["html"][:120]) for each in found if each["impact"] in ("serious", "critical")]
    check(f"axe finds nothing serious, {what}", serious == [], serious or "")


# Drawing


def draw(driver, strokes):
    section = driver.find_element(By.ID, "draw-digit")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", section.find_element(By.CSS_SELECTOR, "canvas.pad"))
    section.find_element(By.CSS_SELECTOR, "[data-clear]").click()
    place = driver.execute_script("const r = document.querySelector('canvas.pad').getBoundingClientRect(); return [r.left, r.top, r.width]")
    scale = place[2] / 280
    for stroke in strokes:
        pen = ActionBuilder(driver, mouse=PointerInput("mouse", "pen"), duration=0)
        points = [(int(place[0] + x * scale), int(place[1] + y * scale)) for x, y in stroke]
        pen.pointer_action.move_to_location(*points[0]).pointer_down()
        for point in points[1:]:
            pen.pointer_action.move_to_location(*point)
        pen.pointer_action.pointer_up()
        pen.perform()
    # The answers come with the next frame.
    driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    return [element.text for element in section.find_elements(By.CSS_SELECTOR, ".answer .top")]


def knows(driver, trio):
    """The digits that each model of the trio was trained on."""
    return driver.execute_script(
        "return graft.data.trios[arguments[0]].members.map(({model, role}) => [`${role}: ${graft.models[model].name}`, graft.models[model].shown.map((output) => graft.models[model].classes[output])])",
        trio,
    )


def choose(driver, trio):
    driver.execute_script(
        "const s = document.querySelector('#draw-models'); s.value = arguments[0]; s.dispatchEvent(new Event('change'))", str(trio)
    )


def answers_drawings(driver, check):
    trios = driver.execute_script("return graft.data.trios.length")
    for trio in range(trios):
        choose(driver, trio)
        models = knows(driver, trio)
        right = [0] * len(models)
        asked = [0] * len(models)
        missed = [[] for _ in models]
        for digit, drawings in DIGITS.items():
            if not any(str(digit) in names for _, names in models):
                continue
            for strokes in drawings:
                tops = draw(driver, strokes)
                for index, (_, names) in enumerate(models):
                    if str(digit) in names:
                        asked[index] += 1
                        right[index] += tops[index] == str(digit)
                        if tops[index] != str(digit):
                            missed[index].append(f"{digit} answered {tops[index]}")
        for (name, _), hits, count, errors in zip(models, right, asked, missed):
            check(f"{name}: drawn digits", hits >= 0.9 * count, f"{hits} of {count}{' (' + '; '.join(errors) + ')' if errors else ''}")


def draws_with_keys(driver, check):
    pad = driver.find_element(By.CSS_SELECTOR, "canvas.pad")
    driver.find_element(By.CSS_SELECTOR, "[data-clear]").click()
    pad.send_keys(*([Keys.ARROW_UP] * 8), Keys.SPACE, *([Keys.ARROW_DOWN] * 16), Keys.SPACE)
    driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    tops = [element.text for element in driver.find_elements(By.CSS_SELECTOR, ".answer .top")]
    check("arrow keys and space draw too", all(top != "–" for top in tops) and "1" in tops, tops)
    driver.find_element(By.CSS_SELECTOR, "[data-undo]").click()
    driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    tops = [element.text for element in driver.find_elements(By.CSS_SELECTOR, ".answer .top")]
    check("undo takes the stroke back", all(top == "–" for top in tops), tops)


def tries_samples(driver, check):
    driver.find_elements(By.CSS_SELECTOR, ".sample")[0].click()
    driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    check("a sample is answered", driver.find_elements(By.CSS_SELECTOR, ".answer .top")[0].text != "–")
    driver.find_element(By.CSS_SELECTOR, "[data-clear]").click()


# Photographs


def told(driver, words):
    """The message beside the field for photographs, as soon as it has some words."""
    end = time.monotonic() + 10
    while words not in (text := driver.find_element(By.CSS_SELECTOR, "#try-photograph [role=status]").text) and time.monotonic() < end:
        time.sleep(0.05)
    return text


def answers_photographs(driver, check, images, labels, out):
    driver.execute_script("document.getElementById('try').scrollIntoView({behavior: 'instant'})")
    # Read off a copy: the browser warns of a canvas that is read several times.
    seen = (
        "const canvas = document.querySelector('#try-photograph .seen'); const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true});"
        "copy.drawImage(canvas, 0, 0); return [...copy.getImageData(0, 0, canvas.width, canvas.height).data]"
    )
    same = right = 0
    for index in range(6):
        path = out / f"photograph-{index}.png"
        path.write_bytes(colours.png(images[index]))
        driver.find_element(By.ID, "photograph-file").send_keys(str(path))
        text = told(driver, "percent")
        pixels = driver.execute_script(seen)
        same += bytes(value for place, value in enumerate(pixels) if place % 4 < 3) == images[index]
        right += driver.find_element(By.CSS_SELECTOR, "#try-photograph .top").text == str(labels[index]) and text.startswith("Your photograph")
        driver.execute_script("document.querySelector('#try-photograph [role=status]').textContent = ''")
    check("a photograph of the right size is seen pixel for pixel", same == 6, f"{same} of 6")
    check("photographs are answered", right == 6, f"{right} of 6")
    bars = driver.find_elements(By.CSS_SELECTOR, "#try-photograph .bars li")
    check("with a probability for each class", len(bars) == 3 and all(bar.text.endswith("%") for bar in bars), [bar.text for bar in bars])
    drop = (
        "const transfer = new DataTransfer(); transfer.items.add(new File([Uint8Array.from(arguments[0])], arguments[1]));"
        "document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: transfer}))"
    )
    driver.execute_script(drop, list(colours.png(images[2])), "x.png")
    check("a dropped one too", "percent" in told(driver, "percent"))
    driver.execute_script(drop, list(b"no picture"), "notes.txt")
    check("another file is refused", told(driver, "notes.txt").startswith("notes.txt is no picture"))
    driver.find_elements(By.CSS_SELECTOR, ".sample")[0].click()
    check("a test image is answered", told(driver, "percent").startswith("Test image"))


# Confusion matrices


def shows_images(driver, check, side=28):
    buttons = driver.find_elements(By.CSS_SELECTOR, "button[data-cell]")
    wrong = []
    for button in buttons:
        matrix, row, column = (int(part) for part in button.get_attribute("data-cell").split(","))
        count = int(button.text.replace(",", ""))
        driver.execute_script("arguments[0].click()", button)
        panel = driver.find_element(By.ID, f"matrix-{matrix}-images")
        shown = len(panel.find_elements(By.TAG_NAME, "img"))
        text = panel.find_element(By.TAG_NAME, "p").text
        if row != column and shown != count or row == column and (shown != min(12, count) or f"{count} images" not in text):
            wrong.append((matrix, row, column, count, shown, text))
    check(f"each of {len(buttons)} cells shows its images", len(buttons) > 0 and not wrong, wrong[:3] or "")
    loaded = driver.execute_script("return [...document.querySelectorAll('.matrix-images img')].every((image) => image.complete && image.naturalWidth === arguments[0])", side)
    check(f"and they are pictures of {side} pixels", loaded)


# Charts


def switches_charts(driver, check):
    figure = driver.find_element(By.CSS_SELECTOR, "figure.chart:has(input[data-log])")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", figure)
    visible = "return [...arguments[0].querySelectorAll('.plot')].filter((plot) => plot.offsetParent).map((plot) => plot.className)"
    before = driver.execute_script(visible, figure)
    figure.find_element(By.CSS_SELECTOR, "input[data-log]").click()
    after = driver.execute_script(visible, figure)
    check("the log box exchanges the chart", before == ["plot linear wide"] and after == ["plot log wide"], (before, after))
    figure.find_element(By.CSS_SELECTOR, "input[data-log]").click()
    figure.find_element(By.CSS_SELECTOR, "input[data-toggle='0']").click()
    hidden = driver.execute_script(
        "return [...arguments[0].querySelectorAll('.plot.linear.wide [data-series=\"0\"]')].every((part) => getComputedStyle(part).display === 'none')", figure
    )
    check("a box takes its line away", hidden)
    plot = figure.find_element(By.CSS_SELECTOR, ".plot.linear.wide")
    webdriver.ActionChains(driver, duration=0).move_to_element(plot).perform()
    tip = plot.find_element(By.CSS_SELECTOR, ".tip")
    lines = tip.text.splitlines()
    check("values are read off under the pointer", lines[:1] != [] and lines[0].startswith("epoch") and len(lines) > 1, lines)
    figure.find_element(By.CSS_SELECTOR, "input[data-toggle='0']").click()
    plot.send_keys(Keys.ARROW_LEFT)
    check("and by arrow keys", tip.text.splitlines()[:1] != lines[:1], tip.text.splitlines()[:1])


def changes_theme(driver, check):
    ground = "return getComputedStyle(document.body).backgroundColor"
    text = "return getComputedStyle(document.querySelector('svg text')).fill"
    before, ink = driver.execute_script(ground), driver.execute_script(text)
    driver.execute_script("window.scrollTo({top: 0, behavior: 'instant'})")
    driver.find_element(By.ID, "theme").click()
    after = driver.execute_script(ground)
    check("the button changes light and dark", before != after, f"{before} to {after}")
    check("and the charts' colours with it", driver.execute_script(text) != ink, driver.execute_script(text))


def fits_narrow(driver, check, width):
    # A page that is too wide makes the window wider with it, so the phone's own width counts.
    wide = driver.execute_script("return document.documentElement.scrollWidth")
    check(f"nothing is wider than a phone's {width}", wide <= width, wide)
    plots = driver.execute_script("return [...document.querySelectorAll('.chart .plot')].filter((plot) => plot.offsetParent).every((plot) => plot.classList.contains('narrow'))")
    check("charts are those for narrow screens", plots)


# The same numbers


def images(folder, classes, limit):
    pixels = gzip.decompress((folder / "mnist/t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((folder / "mnist/t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    chosen = [index for index, label in enumerate(labels) if label in classes][:limit]
    return b"".join(pixels[784 * index : 784 * index + 784] for index in chosen)


# Half a unit in the last place of a 16-bit float: what rounding changes a weight by.
ROUNDING = 2**-11


def agrees(driver, check, graft, data, place, checkpoint, classes, scratch):
    """The page's model, by its place, and Graft's own on the checkpoint: 1,000 test images."""
    options = ["--data-dir", data, "--classes", ",".join(map(str, classes))]
    compares(driver, check, graft, options, place, checkpoint, images(data, classes, 1000), 784, scratch)


def compares(driver, check, graft, options, place, checkpoint, pixels, size, scratch):
    """The page's model and Graft's own on images of `size` bytes, the first ones of those that the options choose."""
    listing = scratch / "predictions.json"
    command = [graft, "evaluate", checkpoint, *options, "--predictions", listing, "--quiet"]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    count = len(pixels) // size
    listed = json.loads(listing.read_text())["logits"][:count]
    answers = driver.execute_script(
        "const [place, text, size] = arguments; const bytes = graft.bytesOf(text); const answers = [];"
        "for (let at = 0; at < bytes.length; at += size) answers.push(Array.from(graft.run(graft.models[place], bytes.subarray(at, at + size)).logits));"
        "return answers",
        place,
        base64.b64encode(pixels).decode(),
        size,
    )
    # The page's weights have 16 bits, so a layer rounds each by 2^-11 of itself at most. The roundings of layers are independent of each
    # other, so that they add up as the square root of their number. Probabilities would be no measure: near one half they move by a quarter
    # of what the logits move, and those of a sure network hardly at all.
    layers = driver.execute_script("return graft.models[arguments[0]].layers.length", place)
    tolerance = ROUNDING * layers**0.5
    largest = max(abs(logit) for logits in listed for logit in logits)
    apart = max(abs(one - other) for ours, theirs in zip(listed, answers) for one, other in zip(ours, theirs))
    same = 0
    for ours, theirs in zip(listed, answers):
        winner = theirs.index(max(theirs))
        # Another winner counts as the same only where the two logits are closer than the rounding.
        same += max(ours) - ours[winner] <= 2 * tolerance * largest
    name = f"{Path(checkpoint).stem}: the page answers as Graft"
    figures = f"{same} of {len(answers)} answers, logits within {apart / largest:.1e} of the largest, {largest:.1f}; {tolerance:.1e} allowed for {layers} layers"
    check(name, same == len(listed) == len(answers) == count and apart <= tolerance * largest, figures)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--graft", type=Path, required=True)
    options.add_argument("--data", type=Path, required=True, help="a folder with mnist/")
    options.add_argument("--out", type=Path, required=True, help="for results, pages and screenshots")
    arguments = options.parse_args()
    graft, data, out = arguments.graft.resolve(), arguments.data.resolve(), arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    check = Check()

    def run(*words):
        subprocess.run([str(graft), *map(str, words)], check=True, stdout=subprocess.DEVNULL, cwd=out)

    print("== making pages")
    if not (out / "reproduce/report.html").exists():
        run("reproduce", "--data-dir", data, "--out", out / "reproduce", "--quiet")
    convolutional = out / "cnn.safetensors"
    run("train", "--data-dir", data, "--recipe", "cnn-quick", "--model", "cnn:16c5b-p2-24c3s2p1b-32c3-a2-64", "--epochs", 3, "--out", convolutional, "--report", out / "cnn.html", "--quiet")
    run("study", "--data-dir", data, "--per-class", "5,50", "--seeds", 2, "--store", out / "study.sqlite", "--out", out / "study", "--quiet")
    coloured = out / "colours.npz"
    photographs, labels = colours.write_dataset(coloured)
    run("train", "--data", coloured, "--model", "cnn:8c5p2-p2-16c3p1-p2-16", "--epochs", 3, "--out", out / "colours.safetensors", "--report", out / "colours.html", "--quiet")
    for family in FAMILIES:
        run("train", "--data", coloured, "--model", family, "--epochs", 2, "--out", out / f"{family}.safetensors", "--report", out / f"{family}.html", "--quiet")
    hostile = out / f"{NAME}.safetensors"
    run("train", "--data", "synthetic", "--classes", "0,1", "--model", "softmax", "--epochs", 1, "--out", hostile, "--report", out / "hostile.html", "--quiet")

    driver = browser()
    emulate(driver, 1280, 900, "light")

    print("== a reproduction")
    page = opens(driver, check, out / "reproduce/report.html")
    check("at most 6 MB", page.stat().st_size <= 6_000_000, page.stat().st_size)
    is_accessible(driver, check, "light")
    draw(driver, DIGITS[3][0])
    driver.execute_script("window.scrollTo({top: 0, behavior: 'instant'})")
    screenshot(driver, out / "light.png", 1280, 2600)
    answers_drawings(driver, check)
    draws_with_keys(driver, check)
    tries_samples(driver, check)
    for place, name in enumerate(["softmax-even", "softmax-odd", "network-even", "network-odd", "transfer-odd-to-even", "transfer-even-to-odd"]):
        target = name.split("-")[-1]
        agrees(driver, check, graft, data, place, out / f"reproduce/seed-0/{name}.safetensors", [0, 2, 4, 6, 8] if target == "even" else [1, 3, 5, 7, 9], out)
    shows_images(driver, check)
    is_accessible(driver, check, "with images shown")
    switches_charts(driver, check)
    changes_theme(driver, check)
    is_accessible(driver, check, "dark")
    asks_nothing(driver, check)

    print("== the same in dark, and on a phone")
    emulate(driver, 1280, 900, "dark")
    opens(driver, check, page)
    draw(driver, DIGITS[7][0])
    driver.execute_script("window.scrollTo({top: 0, behavior: 'instant'})")
    screenshot(driver, out / "dark.png", 1280, 2600)
    emulate(driver, 390, 844, "light")
    opens(driver, check, page)
    fits_narrow(driver, check, 390)
    draw(driver, DIGITS[5][0])
    is_accessible(driver, check, "narrow")
    driver.execute_script("window.scrollTo({top: 0, behavior: 'instant'})")
    screenshot(driver, out / "phone.png", 390, 2600)
    asks_nothing(driver, check)
    emulate(driver, 1280, 900, "light")

    print("== a convolutional network")
    opens(driver, check, out / "cnn.html")
    answers_drawings(driver, check)
    agrees(driver, check, graft, data, 0, convolutional, list(range(10)), out)
    shows_images(driver, check)
    is_accessible(driver, check, "light")
    screenshot(driver, out / "run.png", 1280, 2600)
    asks_nothing(driver, check)

    print("== a model of colour images")
    opens(driver, check, out / "colours.html")
    answers_photographs(driver, check, photographs, labels, out)
    compares(driver, check, graft, ["--data", coloured], 0, out / "colours.safetensors", b"".join(map(colours.planes, photographs)), 3 * colours.SIDE**2, out)
    shows_images(driver, check, side=colours.SIDE)
    is_accessible(driver, check, "light")
    screenshot(driver, out / "colours.png", 1280, 2600)
    asks_nothing(driver, check)

    for family in FAMILIES:
        print(f"== {family}, with residual connections{' and depthwise convolutions' if family == 'mobilenet-v2' else ''}")
        opens(driver, check, out / f"{family}.html")
        compares(driver, check, graft, ["--data", coloured], 0, out / f"{family}.safetensors", b"".join(map(colours.planes, photographs[:8])), 3 * colours.SIDE**2, out)
        asks_nothing(driver, check)

    print("== a study")
    opens(driver, check, out / "study/report.html")
    is_accessible(driver, check, "light")
    screenshot(driver, out / "study.png", 1280, 2600)
    asks_nothing(driver, check)

    print("== a run with a hostile name")
    opens(driver, check, out / "hostile.html")
    check("its name shows as text", NAME in driver.find_element(By.TAG_NAME, "h1").text, driver.find_element(By.TAG_NAME, "h1").text[:80])
    check("and is nothing else", driver.find_elements(By.CSS_SELECTOR, "img[src='x']") == [])
    asks_nothing(driver, check)
    driver.quit()

    if check.failures:
        print(f"{len(check.failures)} checks failed", file=sys.stderr)
        sys.exit(1)
    print("all checks hold")


if __name__ == "__main__":
    main()
