"""What pages say around their pictures; in English, Korean and Japanese."""

from __future__ import annotations

from collections.abc import Mapping

SENTENCES: Mapping[str, tuple[str, str]] = {
    # The tools.
    "View": ("보기", "表示"),
    "Search": ("찾기", "検索"),
    "Zoom out": ("축소", "縮小"),
    "Zoom in": ("확대", "拡大"),
    "Fit": ("맞춤", "全体"),
    "Dark": ("어둡게", "ダーク"),
    "Save SVG": ("SVG 저장", "SVG を保存"),
    "Save PNG": ("PNG 저장", "PNG を保存"),
    "Present": ("발표", "発表"),
    "Leave": ("나가기", "終了"),
    "Details of {name}": ("{name}의 자세한 내용", "{name} の詳細"),
    "Details closed": ("자세한 내용 닫힘", "詳細を閉じました"),
    "{count} found": ("{count}개 찾음", "{count} 件"),
    "Saved {name}": ("저장함: {name}", "保存: {name}"),
    "Formula": ("수식", "数式"),
    "Functions": ("함수", "関数"),
    "Options": ("옵션", "オプション"),
    "Values": ("값", "値"),
    "Editor": ("편집기", "エディタ"),
    "Copy command": ("명령 복사", "コマンドをコピー"),
    "Undo": ("실행 취소", "元に戻す"),
    "Redo": ("다시 실행", "やり直し"),
    "Save page": ("페이지 저장", "ページを保存"),
    "The same as a command": ("같은 그림의 명령", "同じ図のコマンド"),
    "{name}, slider": ("{name}, 슬라이더", "{name}、スライダー"),
    "Elements of {name}": ("{name}의 원소", "{name} の要素"),
    "Copied": ("복사함", "コピーしました"),
    "It cannot be copied here; select the text": (
        "여기서는 복사할 수 없음: 직접 선택하세요",
        "ここではコピーできません: 選択してください",
    ),
    # The player and the tables.
    "Graph": ("그래프", "グラフ"),
    "Details": ("자세한 내용", "詳細"),
    "Close": ("닫기", "閉じる"),
    "Thick lines come from what this depends on; dotted lines lead to what depends on it.": (
        "굵은 선은 이것이 의존하는 것에서 오고, 점선은 이것에 의존하는 것으로 갑니다.",
        "太線はこれが依存するものから来て、点線はこれに依存するものへ向かいます。",
    ),
    "Variables at the end": ("마지막 상태의 변수", "最後の状態の変数"),
    "Player": ("재생기", "プレーヤー"),
    "First step": ("첫 단계", "最初のステップ"),
    "Step back": ("이전 단계", "前のステップ"),
    "Next step": ("다음 단계", "次のステップ"),
    "Play": ("재생", "再生"),
    "Pause": ("멈춤", "一時停止"),
    "Step": ("단계", "ステップ"),
    "Queue": ("큐", "キュー"),
    "Steps": ("단계", "ステップ"),
    "what happens": ("일어나는 일", "起きること"),
    "Equation": ("수식", "数式"),
    "none": ("없음", "なし"),
    "Opened here, at the step that adds up the shares of {variable}.": (
        "여기서 열림: {variable}의 기여를 모두 더하는 단계.",
        "ここから表示: {variable} の寄与をすべて足すステップ。",
    ),
    "Opened here, at the last use of the chain rule, for {variable}.": (
        "여기서 열림: 연쇄 법칙을 마지막으로 쓰는 단계, {variable}.",
        "ここから表示: 連鎖律を最後に使うステップ、{variable}。",
    ),
    "name": ("이름", "名前"),
    "from": ("출처", "由来"),
    "to": ("대상", "宛先"),
    "shape": ("형상", "形状"),
    "dtype": ("dtype", "dtype"),
    "data": ("data", "data"),
    "grad": ("grad", "grad"),
    # The panel of a node.
    "input Variable": ("입력 변수", "入力の変数"),
    "output Variable": ("출력 변수", "出力の変数"),
    "intermediate Variable": ("중간 변수", "中間の変数"),
    "constant Variable": ("상수", "定数"),
    "shape {shape}": ("형상 {shape}", "形状 {shape}"),
    "Function {fact}": ("함수 {fact}", "関数 {fact}"),
    "From": ("출처", "由来"),
    "Into": ("쓰이는 곳", "行き先"),
    "why": ("이유", "理由"),
    "Fix: {what}": ("해결 방법: {what}", "直し方: {what}"),
    "None: it was released. It was": ("None: 해제됨. 이전 값", "None: 解放済み。以前の値"),
    "local derivative": ("국소적 미분", "局所的な微分"),
    "upstream &times; local = share": (
        "상류 &times; 국소적 미분 = 기여",
        "上流 &times; 局所的な微分 = 寄与",
    ),
    "sent back": ("돌려보낸 값", "送り返した値"),
    "values of shape {shape}": ("형상 {shape}의 값", "形状 {shape} の値"),
    "{what}. Dark is high, red is not finite; each tile is one element.": (
        "{what}. 짙을수록 큰 값, 빨강은 유한하지 않은 값; 한 칸이 원소 하나.",
        "{what}。濃いほど大きい値、赤は有限でない値; 1 マスが 1 要素。",
    ),
    "{what}. Dark is high, red is not finite; each tile is the mean of {rows} x {columns} elements.": (
        "{what}. 짙을수록 큰 값, 빨강은 유한하지 않은 값; 한 칸은 원소 {rows} x {columns}개의 평균.",
        "{what}。濃いほど大きい値、赤は有限でない値; 1 マスは {rows} x {columns} 要素の平均。",
    ),
    "Heat map, shape {shape}: {values}": (
        "열지도, 형상 {shape}: {values}",
        "ヒートマップ、形状 {shape}: {values}",
    ),
    # The keyboard.
    "Keys": ("키", "キー操作"),
    "left, right, Home, End": ("왼쪽, 오른쪽, Home, End", "左, 右, Home, End"),
    "step; in the graph: to a neighbour, to the first or last node": (
        "단계 이동; 그래프에서는 이웃, 첫 노드, 마지막 노드로",
        "ステップ移動; グラフでは隣、最初、最後のノードへ",
    ),
    "step, from anywhere on the page": ("어디서나 단계 이동", "どこでもステップ移動"),
    "up, down": ("위, 아래", "上, 下"),
    "in the graph: to the node computed before or after": (
        "그래프에서 앞이나 뒤에 계산된 노드로",
        "グラフで前または後に計算されたノードへ",
    ),
    "space": ("스페이스", "スペース"),
    "play, pause": ("재생, 멈춤", "再生, 一時停止"),
    "details of a node; Escape closes them": (
        "노드의 자세한 내용; Escape로 닫기",
        "ノードの詳細; Escape で閉じる",
    ),
    "present: only the picture, in full screen; Escape ends it": (
        "발표: 그림만 전체 화면으로; Escape로 끝내기",
        "発表: 図だけを全画面で; Escape で終了",
    ),
    "search; Enter goes to the match": (
        "찾기; Enter로 찾은 곳에 가기",
        "検索; Enter で見つかった場所へ",
    ),
    "zoom in, zoom out, fit; fit again: a readable size": (
        "확대, 축소, 맞춤; 한 번 더 맞춤: 읽을 수 있는 크기로",
        "拡大, 縮小, 全体; もう一度: 読める大きさに",
    ),
    "comma, full stop": ("쉼표, 마침표", "コンマ, ピリオド"),
    "previous value, next value": ("앞의 값, 뒤의 값", "前の値, 次の値"),
    "first value: previous, next; with Shift, the second value": (
        "첫째 값의 앞과 뒤; Shift와 함께 누르면 둘째 값",
        "1 つ目の値の前と次; Shift を押すと 2 つ目",
    ),
    # Notes.
    "{names}: made of other ops, drawn as one. Click to draw the parts; {link}the page of all parts{end} also has the steps.": (
        "{names}: 다른 연산으로 이루어졌지만 하나로 그립니다. 누르면 안쪽을 그립니다; {link}모두 펼치면{end} 단계도 볼 수 있습니다.",
        "{names}: ほかの演算からなり、1 つとして描いています。クリックすると中を描きます; {link}すべて開くと{end}ステップも見られます。",
    ),
    "An op made of other ops is drawn as one; the option {expand} draws its parts and adds the steps.": (
        "다른 연산으로 이루어진 연산은 하나로 그립니다; 옵션 {expand} 사용 시 안쪽을 그리고 단계도 볼 수 있습니다.",
        "ほかの演算からなる演算は 1 つとして描きます; オプション {expand} で中を描き、ステップも見られます。",
    ),
    "This page has no steps, since ops made of other ops are drawn as one. The page of {option} has them.": (
        "다른 연산으로 이루어진 연산을 하나로 그려 여기에는 단계가 없습니다. {option}의 페이지에는 있습니다.",
        "ほかの演算からなる演算を 1 つとして描くため、ここにステップはありません。{option} のページにはあります。",
    ),
    "This page has no steps, since what repeats is drawn once. The page of a part ({part}) or of all nodes ({all}) has them.": (
        "반복되는 것을 한 번만 그려 여기에는 단계가 없습니다. 일부의 페이지({part})와 모든 노드의 페이지({all})에는 있습니다.",
        "繰り返しを一度だけ描くため、ここにステップはありません。一部のページ ({part}) と全ノードのページ ({all}) にはあります。",
    ),
    "This page has no steps, since none were recorded. In Python, {record} records them if the engine reports its steps.": (
        "기록된 단계가 없습니다. 파이썬에서는 엔진이 단계를 알려 줄 때 {record} 호출로 기록합니다.",
        "記録されたステップがありません。Python では、エンジンがステップを知らせるとき {record} が記録します。",
    ),
}
